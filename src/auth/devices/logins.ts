import type { AuthCore } from '../auth-core.ts'
import type { AuthSessionInfo } from '../auth-sessions.ts'
import { voidReason } from '../current-user.ts'
import { fromFacts, type LoginFacts } from '../login-facts.ts'
import type { UserRecord } from '../users/user.ts'
import { revokeLogin } from './revoke-login.ts'

/**
 * One place where a user is logged in: a session. A remembered browser that came back with several requests at once has several,
 * of one family, and is one place.
 */
export interface Login {
  readonly facts: LoginFacts
  /** The newest first. */
  readonly sessions: readonly [AuthSessionInfo, ...AuthSessionInfo[]]
}

/** Where this user is logged in, the newest login first. Empty where sessions cannot be listed. */
export async function loginsOf(core: AuthCore, record: UserRecord): Promise<Login[]> {
  const logins = new Map<string, Login>()
  for (const info of ((await core.sessions.list?.(record.id)) ?? []).sort(newestFirst)) {
    const facts = fromFacts(info.facts)
    if (!facts || voidReason(core, record, info.facts) !== null) continue
    const key = facts.family ?? info.id
    const known = logins.get(key)
    logins.set(key, known ? { ...known, sessions: [...known.sessions, info] } : { facts, sessions: [info] })
  }
  return [...logins.values()]
}

/** Ends a login, and what would bring it back: that first, and then also what it brought back, or has under another token, meanwhile. */
export async function endLogin(core: AuthCore, userId: string, { facts, sessions: own }: Login): Promise<void> {
  const { remember, sessions } = core
  if (facts.family !== undefined) await remember?.end(facts.family)
  await Promise.all(own.map(({ id }) => sessions.revoke?.(id)))
  await revokeLogin(core, userId, facts)
}

/** The place of a login that begins now, after these: of two machines, one's clock may be behind. */
export function orderAfter({ now }: AuthCore, logins: readonly Login[]): number {
  return Math.max(now(), ...logins.map(({ sessions }) => orderOf(sessions[0]) + 1))
}

/** All who look at the same time have to agree on the order, so ties are broken by the id. */
function newestFirst(a: AuthSessionInfo, b: AuthSessionInfo): number {
  return orderOf(b) - orderOf(a) || (a.id < b.id ? 1 : -1)
}

function orderOf({ facts, createdAt }: AuthSessionInfo): number {
  return fromFacts(facts)?.order ?? createdAt.getTime()
}
