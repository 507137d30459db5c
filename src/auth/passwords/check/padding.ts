import { characters } from '../password-text.ts'

/**
 * Whether a password is one that is easy to guess, with too little around it: 'password1234567' is 'password' and seven
 * digits, and those alone would be too short. So a passphrase may hold any word.
 */
export function isPadding(rest: string, minimum: number): boolean {
  return characters(rest) < minimum
}

/** The digits and signs before and after the letters, and what is between them. */
export function withoutEnds(password: string): { core: string; rest: string } {
  const [, before = '', core = '', after = ''] = /^([^\p{L}]*)(.*?)([^\p{L}]*)$/su.exec(password) ?? []
  return { core, rest: before + after }
}
