import { normalizeEmail, normalizeUsername } from './normalize.ts'
import type { TextField, UserProblem } from './user-problem.ts'

/** The built-in fields that a visitor fills in, as they are kept. */
export type Profile = Readonly<Record<TextField, string>>

/** As Django: its columns have these lengths, in code points. RFC 5321 section 4.5.3.1.3 has the e-mail address's. */
const longest: Readonly<Record<TextField, number>> = { username: 150, email: 254, firstName: 150, lastName: 150 }

const normalize: Readonly<Partial<Record<TextField, (text: string) => string>>> = {
  username: normalizeUsername,
  email: normalizeEmail,
}

/**
 * What each field may be. A username is what Python's `^[\w.@+-]+\Z` takes, as in Django: letters and digits of all scripts, and no
 * blank, invisible or combining character that would make two names look alike. An e-mail address may not break a mail's header.
 */
const forms: Readonly<Record<TextField, RegExp>> = {
  username: /^[\p{L}\p{N}_.@+-]*$/u,
  // One address: what separates several in a mail header is refused (CVE-2022-35924).
  email: /^([^\p{C}\p{Z},;<>]+@[^\p{C}\p{Z},;<>@]+)?$/u,
  firstName: /^[^\p{Cc}\p{Cs}]*$/u,
  lastName: /^[^\p{Cc}\p{Cs}]*$/u,
}

const messages: Readonly<Record<TextField, string>> = {
  username: 'Use letters, digits and @ . + - _ only.',
  email: 'This is not an e-mail address.',
  firstName: 'This has a character that cannot be part of a name.',
  lastName: 'This has a character that cannot be part of a name.',
}

const textFields = Object.keys(forms) as TextField[]

/** The text as this field keeps it; null for what it cannot be. */
export function fieldText(field: TextField, value: unknown): string | null {
  const result = readField(field, value)
  return typeof result === 'string' ? result : null
}

/** The fields of a profile that are in `values`, as they are kept, and what is wrong with the others. */
export function readProfile(values: Readonly<Partial<Record<TextField, unknown>>>): {
  readonly profile: Partial<Profile>
  readonly problems: UserProblem[]
} {
  const profile: Partial<Record<TextField, string>> = {}
  const problems: UserProblem[] = []
  for (const field of textFields) {
    if (values[field] === undefined) continue
    const result = readField(field, values[field])
    if (typeof result === 'string') profile[field] = result
    else problems.push(result)
  }
  return { profile, problems }
}

function readField(field: TextField, value: unknown): string | UserProblem {
  const maximum = longest[field]
  if (typeof value !== 'string') return { field, code: 'invalid', message: messages[field] }
  const tooLong: UserProblem = { field, code: 'too-long', maximum, message: `Use at most ${maximum} characters.` }
  // Before anything that takes longer with a longer text. Of one character, normalisation makes up to 18.
  if (value.length > 4 * maximum) return tooLong
  const text = normalize[field]?.(value) ?? value
  if (field === 'username' && text === '') return { field, code: 'empty', message: 'Choose a username.' }
  if (!forms[field].test(text)) return { field, code: 'invalid', message: messages[field] }
  return [...text].length > maximum ? tooLong : text
}
