import { keepFromSharedCaches } from '../cookies/cache-policy.ts'
import { stringifySetCookie } from '../cookies/set-cookie.ts'
import { type AuthCore, exchangeFor, jarOf } from './auth-core.ts'
import { fromFacts, type LoginFacts } from './login-facts.ts'
import type { EndedFamily, RememberCookie } from './remember/remember.ts'

/**
 * Remembers this browser from now on, in place of what it was remembered by before. Gives the family, for the facts of the session.
 * The cookie leaves with that session alone: a page that fails saves no login, and must not leave what would bring it back.
 */
export async function rememberBrowser(
  core: AuthCore,
  request: object,
  userId: string,
  { at: authenticatedAt, since, how, authHash }: LoginFacts,
): Promise<string | null> {
  if (!core.remember) return null
  const { family, cookie } = await core.remember.begin({ userId, authenticatedAt, since, how, authHash })
  const maxAge = maxAgeOf(core, cookie.expiresAt)
  const session = await core.sessions.of(request)
  exchangeFor(request).beforeHeaders(async status => {
    if (status < 500 && fromFacts(session.facts)?.family === family)
      addRememberCookie(core, request, cookie.value, maxAge)
  })
  return family
}

/**
 * Ends the family of the browser's remember cookie, and deletes the cookie. The session's own family too: a copy of a cookie that
 * this browser has lost may be elsewhere. Gives the families that it found.
 */
export async function forgetBrowser(core: AuthCore, request: object, family?: string): Promise<EndedFamily[]> {
  const { remember, cookieNames } = core
  if (!remember) return []
  const value = jarOf(core, request).get(cookieNames.remember)
  const known = [value, family].filter(one => one !== undefined)
  const ended = await Promise.all(known.map(one => remember.end(one)))
  if (value !== undefined) deleteRememberCookie(core, request)
  return ended.filter(one => one !== null)
}

/** For the answer to whoever ended what the cookie opened, and no other: the browser may hold another by now. */
export function deleteRememberCookie(core: AuthCore, request: object): void {
  jarOf(core, request).delete(core.cookieNames.remember, { secure: core.secure })
}

export function sendRememberCookie(core: AuthCore, request: object, { value, expiresAt }: RememberCookie): void {
  jarOf(core, request).set(core.cookieNames.remember, value, { maxAge: maxAgeOf(core, expiresAt), secure: core.secure })
}

/** As the jar does it, whose own lines are in the headers by now: also the one that deletes the cookie of before. The last line holds. */
function addRememberCookie(core: AuthCore, request: object, value: string, maxAge: number): void {
  const exchange = exchangeFor(request)
  const options = { path: '/', httpOnly: true, sameSite: 'lax', secure: core.secure, maxAge } as const
  exchange.appendHeader('Set-Cookie', stringifySetCookie(core.cookieNames.remember, value, options))
  keepFromSharedCaches(exchange)
}

/** In seconds. */
function maxAgeOf({ now }: AuthCore, expiresAt: number): number {
  return Math.max(0, Math.floor((expiresAt - now()) / 1000))
}
