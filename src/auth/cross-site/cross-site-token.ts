import { createHmac, type KeyObject, randomBytes } from 'node:crypto'
import { isSameText } from '../../crypto/compare.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'
import { checkText } from '../../values/check-text.ts'
import { type MacKeys, macKeys } from '../tokens/mac-keys.ts'

/** 128 random bits, a dot, HMAC-SHA-256; in base64url. */
const shape = /^([\w-]{22})\.([\w-]{43})$/

/**
 * A token for a form, for browsers that say nothing of where a request came from. It belongs to the session with this id and
 * dies when the id changes, at every login. Each one is new, so that compression of the page tells nothing of it (BREACH).
 * Never put it in a URL.
 *
 * @throws VALUE_INVALID without a session: a token for everybody who has none would be no protection
 * @example
 * `<input type="hidden" name="cross-site-token" value="${crossSiteToken(ring, session.id)}">`
 */
export function crossSiteToken(ring: KeyRing, sessionId: string): string {
  checkText('sessionId', sessionId)
  const random = randomBytes(16).toString('base64url')
  return `${random}.${mac(keys(ring)[0], sessionId, random)}`
}

/** Whether a token, as a client sent it, is one of this session. No session has any. Never throws. */
export function isCrossSiteToken(ring: KeyRing, sessionId: string | null, token: unknown): boolean {
  if (typeof token !== 'string' || !sessionId) return false
  const [, random = '', sent = ''] = shape.exec(token) ?? []
  return random !== '' && keys(ring).some(key => isSameText(sent, mac(key, sessionId, random)))
}

function keys(ring: KeyRing): MacKeys {
  return macKeys(ring, 'cross-site token', 'session')
}

/** With lengths, so that no two pairs read alike. */
function mac(key: KeyObject, sessionId: string, random: string): string {
  const text = `${sessionId.length}!${sessionId}!${random.length}!${random}`
  return createHmac('sha256', key).update(text).digest('base64url')
}
