import { KeepsakeError } from '../../errors.ts'
import type { AuthCore } from '../auth-core.ts'
import { currentUser, currentUserNow, setCurrentUser } from '../current-user.ts'
import { keepOnlyThisSession, whileMovingOn } from '../keep-session.ts'
import { logout } from '../login.ts'
import { fromFacts } from '../login-facts.ts'
import { endLogin, type Login, loginsOf } from './logins.ts'
import { nextValidFrom, voidOtherSessions, voidSessions } from './void-sessions.ts'

/** One place where a user is logged in, as they see it in a list. */
export interface LoginDevice {
  /** The public handle, for `auth.endDevice`. */
  readonly id: string
  /** `Firefox`, `Chrome`, `another browser`. */
  readonly browser: string
  /** `iPhone`, `Windows`, `another system`. */
  readonly system: string
  /** The network that it logged in from, without the machine: `203.0.113.x`; empty if unknown. */
  readonly network: string
  readonly how: string
  /** The browser came back by itself, by "remember me". */
  readonly remembered: boolean
  readonly loggedInAt: Date
  readonly lastSeenAt: Date
  readonly expiresAt: Date
  /** Whether it is the one that asks. */
  readonly isCurrent: boolean
}

/** Where the user of this request is logged in, this device first, then those seen last. Empty for nobody. */
export async function listDevices(core: AuthCore, request: object): Promise<LoginDevice[]> {
  const record = await currentUser(core, request)
  if (!record || !core.sessions.list) return []
  const session = await core.sessions.of(request)
  // A login of this very request is one of them.
  await session.commit()
  const devices = (await loginsOf(core, record)).map(login => deviceOf(login, session.id))
  return devices.sort(
    (a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.lastSeenAt.getTime() - a.lastSeenAt.getTime(),
  )
}

/** Logs this user out on a device of theirs. False if it is none of theirs (ASVS 7.5.2). */
export async function endDevice(core: AuthCore, request: object, id: string): Promise<boolean> {
  const record = await currentUser(core, request)
  if (!record) return false
  const login = (await loginsOf(core, record)).find(({ sessions }) => sessions.some(info => info.id === id))
  if (!login) return false
  const session = await core.sessions.of(request)
  const isCurrent = login.sessions.some(info => info.id === session.id)
  await endLogin(core, record.id, login)
  if (isCurrent) await logout(core, request)
  core.report({ type: 'sessions-ended', userId: record.id, which: 'one' })
  return true
}

/** Logs this user out everywhere but here. */
export async function endOtherDevices(core: AuthCore, request: object): Promise<void> {
  // Read anew: a session that was ended meanwhile must not outlive those that ended it.
  const record = await currentUserNow(core, request)
  const facts = fromFacts((await core.sessions.of(request)).facts)
  if (!record || !facts) return
  const since = nextValidFrom(core, record)
  const next = { ...facts, since }
  const areVoid = await whileMovingOn(core, request, next, () => voidOtherSessions(core, record, since))
  // Nobody may take it for done: whoever gave this session another token meanwhile may be whom it was to end.
  if (areVoid === null) throw new KeepsakeError('SESSION_ENDED')
  if (!areVoid) return
  await keepOnlyThisSession(core, request, record.id, next)
  setCurrentUser(core, request, { ...record, sessionsValidFrom: since })
  core.report({ type: 'sessions-ended', userId: record.id, which: 'others' })
}

/**
 * Logs a user out everywhere, at once: by one number that every session of the user is compared with, also those that rest in
 * their cookies and logins that are under way. Where records can be found, they are removed too.
 */
export async function endAllDevices(core: AuthCore, userId: string): Promise<void> {
  await voidSessions(core, userId)
  // They are over with that, whatever becomes of their records.
  core.report({ type: 'sessions-ended', userId, which: 'all' })
  await core.sessions.revokeAll?.(userId)
}

/** As `endAllDevices`, for whoever is logged in here. */
export async function endOwnDevices(core: AuthCore, request: object): Promise<void> {
  const record = await currentUser(core, request)
  if (!record) return
  await voidSessions(core, record.id)
  core.report({ type: 'sessions-ended', userId: record.id, which: 'all' })
  // This one first: to remove the records of very many may fail for want of time.
  await logout(core, request)
  await core.sessions.revokeAll?.(record.id)
}

function deviceOf({ facts, sessions }: Login, currentId: string | null): LoginDevice {
  const current = sessions.find(({ id }) => id === currentId)
  const { id, createdAt, lastSeenAt, expiresAt } = current ?? sessions[0]
  const { browser, system, network, how, remembered = false } = facts
  return {
    ...{ id, browser, system, network, how, remembered },
    ...{ loggedInAt: createdAt, lastSeenAt, expiresAt, isCurrent: current !== undefined },
  }
}
