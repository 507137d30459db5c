import { hash, randomBytes } from 'node:crypto'

/** 32 bytes are 43 base64url characters, of which the last carries 4 bits: only these 16 spellings are canonical. */
const canonical = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** A new token: the secret that the browser's cookie holds. 256 random bits; throws if the system has none to give. */
export function createToken(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * Whether a cookie value can be a token at all. Other spellings of the same bytes are refused, since a token with two
 * spellings would have two ids, and what was revoked under one would live on under the other (security: aliasing).
 */
export function isToken(value: string): boolean {
  return value.length === 43 && canonical.test(value)
}

/** Whether a text can be an id at all: the same 256 bits, so the same spellings. */
export const isId = (text: string): boolean => isToken(text)

/** The id of a token: its SHA-256, base64url. Not reversible, so it may be stored, logged and shown. */
export function tokenToId(token: string): string {
  return hash('sha256', token, 'base64url')
}
