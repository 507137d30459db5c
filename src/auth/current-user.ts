import type { SessionFacts } from '../session/codec.ts'
import { type AuthCore, attachmentFor, exchangeFor, findUser } from './auth-core.ts'
import type { VoidReason } from './auth-events.ts'
import { fromFacts } from './login-facts.ts'
import { restoreRemembered } from './restore-remembered.ts'
import type { UserRecord } from './users/user.ts'

/**
 * Who is behind this request; null for nobody. Found out once for each request, when it is first asked. A session of a user who
 * is gone, closed, or has another password by now is over, and so is one that began before the user's sessions were ended.
 */
export function currentUser<Own extends object>(core: AuthCore<Own>, request: object): Promise<UserRecord<Own> | null> {
  const known = usersFor<Own>(request)
  const found = known.get(core) ?? findCurrent(core, request)
  known.set(core, found)
  return found
}

/** Who is behind this request, by who was asked; it stands on the request, as decision 021 has it. */
function usersFor<Own extends object>(request: object): Map<unknown, Promise<UserRecord<Own> | null>> {
  const attachment = attachmentFor(request)
  attachment.users ??= new Map()
  return attachment.users as Map<unknown, Promise<UserRecord<Own> | null>>
}

/**
 * As `currentUser`, read anew: for what changes who may be logged in. While this request was under way, the user may have ended the
 * session that it came with.
 */
export async function currentUserNow<Own extends object>(
  core: AuthCore<Own>,
  request: object,
): Promise<UserRecord<Own> | null> {
  const known = await currentUser(core, request)
  if (!known || (await core.sessions.of(request)).userId !== known.id) return null
  forgetCurrentUser(core, request)
  return currentUser(core, request)
}

/** What was found out before is not so any more: somebody logged in or out. */
export function setCurrentUser<Own extends object>(
  core: AuthCore<Own>,
  request: object,
  record: UserRecord<Own> | null,
): void {
  usersFor<Own>(request).set(core, Promise.resolve(record))
}

/** Whoever asks next looks again. */
export function forgetCurrentUser(core: AuthCore, request: object): void {
  usersFor(request).delete(core)
}

async function findCurrent<Own extends object>(core: AuthCore<Own>, request: object): Promise<UserRecord<Own> | null> {
  const session = await core.sessions.of(request)
  const { userId } = session
  if (userId === null) return restoreRemembered(core, request, session)
  const record = await findUser(core, { id: userId })
  const reason = voidReason(core, record, session.facts)
  if (reason === null) return record
  core.report({ type: 'session-void', userId, reason })
  // A cookie can be deleted no more then; the session is as void for the next request.
  if (!exchangeFor(request).headersSent) session.destroy()
  return null
}

/** Why a session or a remembered login of this user is good for nothing; null if it is good. */
export function voidReason({ authHash }: AuthCore, record: UserRecord | null, facts: SessionFacts): VoidReason | null {
  if (!record) return 'no-user'
  if (!record.isActive) return 'inactive'
  const login = fromFacts(facts)
  // A session that was not opened by `login` cannot show that it belongs to the password of today.
  if (!login || !authHash.matches(login.authHash, record.password)) return 'password-changed'
  return login.since < record.sessionsValidFrom ? 'ended' : null
}
