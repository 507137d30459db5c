import { KeepsakeError } from '../errors.ts'
import { type AuthCore, findUser } from './auth-core.ts'
import type { AuthSession } from './auth-sessions.ts'
import { forgetCurrentUser, setCurrentUser, voidReason } from './current-user.ts'
import { recogniseDevice } from './devices/known-device.ts'
import { loginsOf, orderAfter } from './devices/logins.ts'
import { placeOf } from './devices/place.ts'
import { revokeLogin } from './devices/revoke-login.ts'
import { keepLimit } from './devices/session-limit.ts'
import { fromFacts, type LoginFacts, newLoginId, toFacts } from './login-facts.ts'
import { proofOf } from './proof.ts'
import { forgetBrowser, rememberBrowser } from './remembering.ts'
import type { User, UserRecord } from './users/user.ts'

/** How a visitor is logged in. */
export interface LoginOptions {
  /** "Remember me": the session outlives the browser, and a browser that comes back later is logged in without asking. @default false */
  readonly remember?: boolean
  /** What proved who they are, for a user who was not found by `authenticate`. @default 'password' */
  readonly how?: string
}

/**
 * Gives the session to a user: under a new token, with what an anonymous visitor left in it (the cart), without what another user
 * did (CVE-2014-0482). Every way to log in ends here.
 */
export async function login<Own extends object>(
  core: AuthCore<Own>,
  request: object,
  user: Pick<User, 'id'>,
  { remember = false, how }: LoginOptions,
): Promise<void> {
  const proof = proofOf(user)
  const record = (proof?.record as UserRecord<Own> | undefined) ?? (await findUser(core, { id: user.id }))
  if (!record?.isActive) throw new KeepsakeError('ACCESS_DENIED', `user ${user.id} is not active`)
  const session = await core.sessions.of(request)
  const wasVisitors = session.id !== null && session.userId === null
  const facts: LoginFacts = {
    at: proof?.at ?? core.now(),
    // As the user was when they proved it: if their sessions were ended since then, this one is void at once. No clock decides.
    since: record.sessionsValidFrom,
    how: how ?? proof?.how ?? 'password',
    loginId: newLoginId(),
    authHash: core.authHash.of(record.password),
    ...placeOf(core, request),
    ...(core.limit && { order: orderAfter(core, await loginsOf(core, record)) }),
  }
  if (isOfAnother(core, session, record)) session.clear()
  const family = await chooseToRemember(core, request, session, record.id, remember ? facts : null)
  session.rotate({ userId: record.id, facts: toFacts(family ? { ...facts, family } : facts) })
  session.setExpiry(remember ? 'default' : 'browser')
  recogniseDevice(core, request, record.id)
  if (core.limit && !(await keepLimit(core, core.limit, session, record, wasVisitors))) {
    await forgetBrowser(core, request, family ?? undefined)
    setCurrentUser(core, request, null)
    throw new KeepsakeError('SESSIONS_FULL', `${core.limit.most} at a time`)
  }
  await noteLogin(core, record.id)
  // Whoever asks reads the user anew: since `authenticate`, an administrator may have closed the account.
  forgetCurrentUser(core, request)
  core.report({ type: 'logged-in', userId: record.id, how: facts.how })
}

/** Ends the session of this browser, and whatever would bring it back. Nobody has to be logged in. */
export async function logout(core: AuthCore, request: object): Promise<void> {
  const session = await core.sessions.of(request)
  const { userId } = session
  const login = fromFacts(session.facts)
  session.destroy()
  await session.commit()
  // Another tab may have given it a new token meanwhile, and a browser that came back with several requests has several sessions.
  const families = await forgetBrowser(core, request, login?.family)
  await Promise.all(families.map(family => revokeLogin(core, family.userId, family)))
  if (userId !== null && login) await revokeLogin(core, userId, login)
  setCurrentUser(core, request, null)
  if (userId !== null) core.report({ type: 'logged-out', userId })
}

/** Also a session of the same user that is void by now: whoever had it, it was not the one who logs in. */
function isOfAnother(core: AuthCore, { userId, facts }: AuthSession, record: UserRecord): boolean {
  return userId !== null && (userId !== record.id || voidReason(core, record, facts) !== null)
}

/** Remembers this browser by these facts, or not at all. Gives the family. */
async function chooseToRemember(
  core: AuthCore,
  request: object,
  session: AuthSession,
  userId: string,
  facts: LoginFacts | null,
): Promise<string | null> {
  await forgetBrowser(core, request, fromFacts(session.facts)?.family)
  return facts && rememberBrowser(core, request, userId, facts)
}

/** Reset tokens of before are void with this. */
async function noteLogin<Own extends object>({ store, now }: AuthCore<Own>, id: string): Promise<void> {
  await store.update(id, { lastLoginAt: new Date(now()) } as Partial<UserRecord<Own>>)
}
