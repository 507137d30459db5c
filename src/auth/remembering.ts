import { stringifySetCookie } from '../cookies/set-cookie.ts'
import { type AuthCore, exchangeFor, findUser, jarOf } from './auth-core.ts'
import type { AuthSession } from './auth-sessions.ts'
import { voidReason } from './current-user.ts'
import { placeOf } from './devices/place.ts'
import { revokeLogin } from './devices/revoke-login.ts'
import { keepLimit } from './devices/session-limit.ts'
import { voidSessions } from './devices/void-sessions.ts'
import { fromFacts, type LoginFacts, newLoginId, toFacts } from './login-facts.ts'
import type { Remember, RememberCookie } from './remember/remember.ts'
import type { UserRecord } from './users/user.ts'

/** Logs a returning browser in by its remember cookie: with a new session, which has not proved anything today. */
export async function restoreRemembered<Own extends object>(
  core: AuthCore<Own>,
  request: object,
  session: AuthSession,
): Promise<UserRecord<Own> | null> {
  const { remember, report } = core
  const value = remember && jarOf(core, request).get(core.cookieNames.remember)
  // Without a cookie for the new session, the browser would come back with the next request all the same.
  if (!value || exchangeFor(request).headersSent) return null
  const restored = await remember.restore(value)
  if (restored.outcome !== 'restored') {
    jarOf(core, request).delete(core.cookieNames.remember, { secure: core.secure })
    if (restored.outcome === 'theft') await endFamily(core, restored)
    return null
  }
  const { userId, family, authenticatedAt: at, since, how, authHash, cookie } = restored
  const facts: LoginFacts = {
    at,
    since,
    how,
    authHash,
    ...placeOf(core, request),
    loginId: newLoginId(),
    family,
    remembered: true,
  }
  const record = await findUser(core, { id: userId })
  if (!record || voidReason(core, record, toFacts(facts)) !== null) {
    await forgetBrowser(core, request)
    return null
  }
  if (cookie) sendRememberCookie(core, request, cookie)
  session.rotate({ userId, facts: toFacts(facts) })
  if (!(await outlivesEnd(core, remember, request, session, family))) return null
  // It stays remembered: there may be a place for it later.
  if (core.limit && !(await keepLimit(core, core.limit, session, record))) return null
  report({ type: 'remembered', userId, family })
  return record
}

/**
 * Saves the session at once, and then looks whether the family is still there: whoever ends it lists its sessions after that. False,
 * and the session is over, if the user logged out, ended this device, or was robbed while the browser came back.
 */
async function outlivesEnd(
  core: AuthCore,
  remember: Remember,
  request: object,
  session: AuthSession,
  family: string,
): Promise<boolean> {
  await session.commit()
  if (await remember.isAlive(family)) return true
  session.destroy()
  await session.commit()
  jarOf(core, request).delete(core.cookieNames.remember, { secure: core.secure })
  return false
}

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
 * this browser has lost may be elsewhere.
 */
export async function forgetBrowser(core: AuthCore, request: object, family?: string): Promise<void> {
  const { remember, cookieNames, secure } = core
  if (!remember) return
  const jar = jarOf(core, request)
  const value = jar.get(cookieNames.remember)
  const known = [value, family].filter(one => one !== undefined)
  await Promise.all(known.map(one => remember.end(one)))
  if (value !== undefined) jar.delete(cookieNames.remember, { secure })
}

function sendRememberCookie(core: AuthCore, request: object, { value, expiresAt }: RememberCookie): void {
  jarOf(core, request).set(core.cookieNames.remember, value, { maxAge: maxAgeOf(core, expiresAt), secure: core.secure })
}

/** As the jar does it, whose own lines are in the headers by now: also the one that deletes the cookie of before. The last line holds. */
function addRememberCookie(core: AuthCore, request: object, value: string, maxAge: number): void {
  const exchange = exchangeFor(request)
  const options = { path: '/', httpOnly: true, sameSite: 'lax', secure: core.secure, maxAge } as const
  exchange.appendHeader('Set-Cookie', stringifySetCookie(core.cookieNames.remember, value, options))
  if (!exchange.getHeader('Cache-Control')) exchange.setHeader('Cache-Control', 'private, no-store')
}

/** In seconds. */
function maxAgeOf({ now }: AuthCore, expiresAt: number): number {
  return Math.max(0, Math.floor((expiresAt - now()) / 1000))
}

/** Whoever holds a cookie of this family, thief or owner, has to log in again. */
async function endFamily(
  core: AuthCore,
  { userId, family, first }: { userId: string; family: string; first: boolean },
): Promise<void> {
  const { sessions, report } = core
  if (first) report({ type: 'remember-theft', userId, family })
  if (sessions.list && sessions.revoke) {
    await revokeLogin(core, userId, { family })
    return
  }
  // Which sessions came from the family cannot be found: all of the user end.
  if (first) await voidSessions(core, userId)
}
