import { type AuthCore, exchangeFor, findUser, jarOf } from './auth-core.ts'
import type { AuthSession } from './auth-sessions.ts'
import { voidReason } from './current-user.ts'
import { loginsOf, orderAfter } from './devices/logins.ts'
import { placeOf } from './devices/place.ts'
import { revokeLogin } from './devices/revoke-login.ts'
import { isRefused, keepLimit } from './devices/session-limit.ts'
import { voidSessions } from './devices/void-sessions.ts'
import { type LoginFacts, newLoginId, toFacts } from './login-facts.ts'
import type { Remember, Restored } from './remember/remember.ts'
import { deleteRememberCookie, sendRememberCookie } from './remembering.ts'
import { saveUnlessEnded } from './save-unless-ended.ts'
import type { UserRecord } from './users/user.ts'

/**
 * Logs a returning browser in by its remember cookie: with a new session, which has not proved anything today. A cookie that leads
 * nowhere is left alone: another tab may have got a good one by now (decision 027).
 */
export async function restoreRemembered<Own extends object>(
  core: AuthCore<Own>,
  request: object,
  session: AuthSession,
): Promise<UserRecord<Own> | null> {
  const { remember } = core
  const value = remember && jarOf(core, request).get(core.cookieNames.remember)
  // Without a cookie for the new session, the browser would come back with the next request all the same.
  if (!value || exchangeFor(request).headersSent) return null
  const restored = await remember.restore(value)
  if (restored.outcome === 'unknown') return null
  if (restored.outcome === 'theft') {
    deleteRememberCookie(core, request)
    await endFamily(core, restored)
    return null
  }
  const login = factsOf(core, request, restored)
  const record = await findUser(core, { id: restored.userId })
  if (!record || voidReason(core, record, toFacts(login)) !== null) {
    await remember.end(value)
    return null
  }
  if (restored.cookie) sendRememberCookie(core, request, restored.cookie)
  if (session.isLost && (await isOvertaken(core, remember, restored))) return record
  const logins = core.limit ? await loginsOf(core, record) : []
  // It stays remembered: there may be a place for it later.
  if (core.limit && isRefused(core.limit, logins, restored.family)) return null
  const wasVisitors = session.id !== null
  session.rotate({ userId: record.id, facts: toFacts({ ...login, order: orderAfter(core, logins) }) })
  // Of several requests with one anonymous session, one gives it to the user.
  if (!(await saveUnlessEnded(session))) return (await remember.isAlive(restored.family)) ? record : null
  if (!(await outlivesEnd(remember, session, restored.family))) return null
  if (core.limit && !(await keepLimit(core, core.limit, session, record, wasVisitors))) return null
  core.report({ type: 'remembered', userId: record.id, family: restored.family })
  return record
}

type Found = Extract<Restored, { outcome: 'restored' }>

function factsOf(
  core: AuthCore,
  request: object,
  { authenticatedAt: at, since, how, authHash, family }: Found,
): LoginFacts {
  const login = { at, since, how, authHash, loginId: newLoginId(), family, remembered: true } as const
  return { ...login, ...placeOf(core, request) }
}

/**
 * Whether this browser was given a session, or a new token for it, a moment ago, so that this request was sent before it had that. A
 * session of its own would take the place of the other, with all that is in it: this one is answered without.
 */
async function isOvertaken(
  { sessions, now }: AuthCore,
  { graceMs }: Remember,
  { userId, family }: Found,
): Promise<boolean> {
  const listed = (await sessions.list?.(userId)) ?? []
  // A new token is a renewal. The clock that wrote it may be another machine's.
  return listed.some(
    ({ facts, lastSeenAt }) => facts.family === family && Math.abs(now() - lastSeenAt.getTime()) < graceMs,
  )
}

/**
 * Whether the family is still there, once the session is saved: whoever ends a family lists its sessions after that. False, and the
 * session is over, if the user logged out, ended this device, or was robbed while the browser came back.
 */
async function outlivesEnd(remember: Remember, session: AuthSession, family: string): Promise<boolean> {
  if (await remember.isAlive(family)) return true
  session.destroy()
  await session.commit()
  return false
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
