/** More is refused before it is hashed: ASVS 6.2.9 asks for 64 characters, and a megabyte would be an attack. */
export const mostBytes = 1024

/** What makes a text no password at all, however it was chosen. */
export type TextFault = 'not-text' | 'too-long'

/**
 * Looks at the size before anything that takes longer with a longer text. NUL and lone surrogates are refused because other
 * passwords would pass too: HMAC, and so PBKDF2 and scrypt, do not tell a text from the same text and NUL, bcrypt ends at NUL,
 * and in UTF-8 all lone surrogates are one character. No keyboard makes either, and Django's forms refuse NUL as well.
 */
export function textFault(password: unknown): TextFault | null {
  if (typeof password !== 'string') return 'not-text'
  if (password.length > mostBytes || Buffer.byteLength(password) > mostBytes) return 'too-long'
  return password.isWellFormed() && !password.includes('\0') ? null : 'not-text'
}

/** A password's length as people count it, and NIST SP 800-63B-4 does: in code points. */
export const characters = (password: string): number => [...password].length
