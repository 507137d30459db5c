import { createHmac, hash, randomBytes } from 'node:crypto'
import { isSameText } from '../../crypto/compare.ts'
import { createToken, tokenToId } from '../../session/token.ts'

/**
 * What a remember cookie holds. The selector names the family and is no secret. The verifier is one. The mark shows that the
 * family issued the verifier, for as long as the family lives, although only the newest ones are stored.
 */
export interface RememberValue {
  readonly selector: string
  readonly verifier: string
  readonly mark: string
}

/** 128, 256 and 256 bits in base64url, in the one spelling that these bytes have. */
const shape = /^([\w-]{21}[AQgw])\.([\w-]{42}[AEIMQUYcgkosw048])\.([\w-]{42}[AEIMQUYcgkosw048])$/

/** A new selector: 128 random bits. */
export function createSelector(): string {
  return randomBytes(16).toString('base64url')
}

/** A new verifier, or a new key to mark verifiers with: 256 random bits. */
export function createVerifier(): string {
  return createToken()
}

/** The parts of a cookie's value; null for every other text. Never throws. */
export function parseValue(value: string): RememberValue | null {
  const [, selector = '', verifier = '', mark = ''] = shape.exec(value) ?? []
  return selector === '' ? null : { selector, verifier, mark }
}

/** The cookie's value for a verifier that is being issued. */
export function toValue(selector: string, verifier: string, markKey: string): string {
  return `${selector}.${verifier}.${markOf(verifier, markKey)}`
}

/** Whether the family with this key issued the verifier. */
export function isGenuine({ verifier, mark }: RememberValue, markKey: string): boolean {
  return isSameText(mark, markOf(verifier, markKey))
}

/** Under which id the family rests: of the shape of an id, so that any store takes it, and never the id of a session. */
export function familyOf(selector: string): string {
  return hash('sha256', `remember ${selector}`, 'base64url')
}

/** What is stored of a verifier. With 256 random bits behind it, one fast hash is enough (ASVS 6.5.2). */
export function hashOf(verifier: string): string {
  return tokenToId(verifier)
}

function markOf(verifier: string, markKey: string): string {
  return createHmac('sha256', markKey).update(verifier).digest('base64url')
}
