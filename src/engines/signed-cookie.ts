import { keyRing } from '../crypto/key-ring.ts'
import { signer } from '../crypto/sign.ts'
import {
  type CookieEngineOptions,
  cookieEngine,
  type RevocationOptions,
  type SweptRevocationOptions,
} from './cookie-engine.ts'
import type { Engine, EngineSettings, Revocation } from './engine.ts'
import type { SweptRevocation } from './revocations.ts'

/**
 * The whole session in its cookie, which everybody who holds the cookie can read, and nobody can change. Needs no store.
 *
 * What a cookie alone cannot do is missing from the type: to end a session whose cookie somebody kept, or to list them. With
 * `revocations`, a store that forgets nothing before its time, logging out holds for copies too. Of two requests that change a
 * session at once, the last answer wins.
 *
 * @example
 * const secrets = process.env.SESSION_SECRETS?.split(' ') ?? []
 * export const sessions = createSessions<AppSession>({ engine: signedCookie({ secrets }) })
 */
export function signedCookie(
  options: CookieEngineOptions & SweptRevocationOptions,
): (settings: EngineSettings) => Engine & SweptRevocation
export function signedCookie(
  options: CookieEngineOptions & RevocationOptions,
): (settings: EngineSettings) => Engine & Revocation
export function signedCookie(options: CookieEngineOptions): (settings: EngineSettings) => Engine
export function signedCookie({
  secrets,
  ...options
}: CookieEngineOptions & Partial<RevocationOptions>): (settings: EngineSettings) => Engine {
  const ring = keyRing(secrets)
  return settings => {
    const { sign, verify } = signer(ring, 'session', settings.cookieName)
    return cookieEngine({ wrap: sign, unwrap: value => verify(value)?.text ?? null }, options, settings)
  }
}
