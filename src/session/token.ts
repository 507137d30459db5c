import { hash, randomBytes } from 'node:crypto'

// What is not base64url. To look for that takes half as long as to see that all characters are.
const foreign = /[^A-Za-z0-9_-]/

/** A new token: the secret that the browser's cookie holds. 256 random bits; throws if the system has none to give. */
export function createToken(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * Whether a cookie value can be a token at all. Other spellings of the same bytes are refused, since a token with two
 * spellings would have two ids, and what was revoked under one would live on under the other (security: aliasing).
 */
export function isToken(value: string): boolean {
  // 32 bytes are 43 characters, of which the last carries 4 bits: only these 16 are canonical.
  return value.length === 43 && !foreign.test(value) && 'AEIMQUYcgkosw048'.includes(value.charAt(42))
}

/** Whether a text can be an id at all: the same 256 bits, so the same spellings. */
export const isId = (text: string): boolean => isToken(text)

/** The id of a token: its SHA-256, base64url. Not reversible, so it may be stored, logged and shown. */
export function tokenToId(token: string): string {
  return hash('sha256', token, 'base64url')
}
