import { createHmac } from 'node:crypto'
import { isSameText } from '../crypto/compare.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { macKeys } from './tokens/mac-keys.ts'

/**
 * What ties a session to the password that it was opened with (Django's session auth hash): it changes with the password, and
 * tells nothing of it. It is kept in the session, so it is cut to 128 bits.
 */
export interface AuthHash {
  of(encodedPassword: string): string
  matches(hash: unknown, encodedPassword: string): boolean
}

export function authHashWith(ring: KeyRing): AuthHash {
  const keys = macKeys(ring, 'session auth', 'password')
  const hash = (key: (typeof keys)[number], encoded: string): string =>
    createHmac('sha256', key).update(encoded).digest('base64url').slice(0, 22)
  return {
    of: encoded => hash(keys[0], encoded),
    matches: (found, encoded) => typeof found === 'string' && keys.some(key => isSameText(found, hash(key, encoded))),
  }
}
