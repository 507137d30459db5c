import { randomText } from './formats/django-salt.ts'

/** What to store for a user who must not log in with a password: Django's `!` and 40 random characters. No password fits it. */
export function unusablePassword(): string {
  // Random, so that two such users differ, and what is derived from this (reset tokens) with them.
  return `!${randomText(40)}`
}

/** Whether a stored hash stands for a password. As in Django, a text that is no hash at all counts as one that nobody knows. */
export function isUsablePassword(encoded: string | null | undefined): boolean {
  return typeof encoded !== 'string' || !encoded.startsWith('!')
}
