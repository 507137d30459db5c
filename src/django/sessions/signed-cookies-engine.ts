import type { Engine, Opened } from '../../engines/engine.ts'
import { KeepsakeError } from '../../errors.ts'
import { tokenToId } from '../../session/token.ts'
import { fromBase62 } from '../base62.ts'
import { signedCookiesSalt } from '../session-data.ts'
import type { DjangoEngine } from './engine.ts'
import { endFrom } from './expiry-choice.ts'
import { signedText } from './signed-text.ts'

/** Browsers keep 4096 bytes of name and value, and Django reads one cookie only. */
const maxBytes = 3800

/**
 * Django's engine `signed_cookies`: the whole session in its cookie, which everybody who holds it can read. Who keeps a copy of
 * the cookie keeps the session, whatever becomes of it: logging out forgets it in this browser only, as in Django.
 */
export function signedCookiesEngine(): DjangoEngine {
  return settings => {
    const text = signedText(settings, signedCookiesSalt)
    const opened = (value: string): Opened | null => {
      const data = text.read(value)
      if (data === undefined) return null
      const end = endFrom(data, signedAt(value), settings.idleMs)
      return { id: tokenToId(value), cookieValue: value, payload: value, expiresAt: new Date(end), version: value }
    }
    const engine: Engine = {
      recordInCookie: true,
      open: async value => opened(value) ?? 'malformed',
      reopen: async ({ cookieValue }) => opened(cookieValue),
      async commit({ record: { payload } }): Promise<Opened | null> {
        if (payload.length <= maxBytes) return opened(payload)
        throw new KeepsakeError('SESSION_TOO_LARGE', `its cookie has ${payload.length} bytes of at most ${maxBytes}`)
      },
      // Nothing is kept that could be removed.
      destroy: async () => undefined,
    }
    return { engine, text }
  }
}

/** When a text was signed, in ms since 1970: it stands before the signature, in seconds. */
function signedAt(text: string): number {
  return (fromBase62(text.split(':').at(-2) ?? '') ?? 0) * 1000
}
