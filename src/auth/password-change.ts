import type { AuthCore } from './auth-core.ts'
import { provesPassword } from './authenticate.ts'
import { currentUserNow, setCurrentUser } from './current-user.ts'
import { nextValidFrom } from './devices/void-sessions.ts'
import { keepOnlyThisSession, whileMovingOn } from './keep-session.ts'
import { fromFacts } from './login-facts.ts'
import { sendMail } from './mail/send-mail.ts'
import { type UserRecord, type UserRecordChanges, withoutCredentials } from './users/user.ts'
import type { UserProblem } from './users/user-problem.ts'

/** Whether the password was changed; if not, all that there is to tell the visitor. */
export type PasswordChange =
  | { readonly changed: true }
  | { readonly changed: false; readonly reason: 'not-logged-in' | 'wrong-password' }
  | { readonly changed: false; readonly reason: 'throttled'; readonly retryAfterMs: number }
  | { readonly changed: false; readonly reason: 'refused'; readonly problems: readonly UserProblem[] }

/**
 * Changes the password of whoever is logged in and knows the present one. This session goes on under a new token; all others of the
 * user end, and so does whatever would bring them back.
 */
export async function changePassword<Own extends object>(
  core: AuthCore<Own>,
  request: object,
  { current, password }: { readonly current: string; readonly password: string },
): Promise<PasswordChange> {
  const record = await currentUserNow(core, request)
  if (!record) return { changed: false, reason: 'not-logged-in' }
  const { proved, retryAfterMs } = await provesPassword(core, request, record, current)
  if (retryAfterMs !== null) return { changed: false, reason: 'throttled', retryAfterMs }
  if (!proved) return { changed: false, reason: 'wrong-password' }
  const problems = await core.passwords.check(password, { user: withoutCredentials<Own>(record) })
  if (problems.length > 0) {
    return { changed: false, reason: 'refused', problems: problems.map(problem => ({ field: 'password', ...problem })) }
  }
  const changed = await withPassword(core, record, password)
  if (!(await keepThisSession(core, request, record, changed))) return { changed: false, reason: 'not-logged-in' }
  core.report({ type: 'password-changed', userId: record.id })
  if (core.mail && record.email) {
    sendMail(core, { kind: 'password-changed', to: record.email, user: withoutCredentials<Own>(record) })
  }
  return { changed: true }
}

async function withPassword<Own extends object>(
  core: AuthCore<Own>,
  record: UserRecord<Own>,
  password: string,
): Promise<UserRecord<Own>> {
  return { ...record, password: await core.passwords.hash(password), sessionsValidFrom: nextValidFrom(core, record) }
}

/**
 * Stores the new password. This session is the one that stays: it learns the new password's hash, and its user has just proved who they
 * are. It counts from what is written here: if all sessions are ended after that, this one is too. False if the user has another password
 * by now than the one that was proved: what the owner chose meanwhile stays.
 */
async function keepThisSession<Own extends object>(
  core: AuthCore<Own>,
  request: object,
  { id, password: ifPassword }: UserRecord<Own>,
  changed: UserRecord<Own>,
): Promise<boolean> {
  const known = fromFacts((await core.sessions.of(request)).facts)
  if (!known) return false
  const { remembered: _, ...facts } = known
  const { password, sessionsValidFrom: since } = changed
  const next = { ...facts, at: core.now(), since, authHash: core.authHash.of(password) }
  const changes = { password, sessionsValidFrom: since } as unknown as UserRecordChanges<Own>
  const outcome = await whileMovingOn(core, request, next, () => core.store.update(id, changes, { ifPassword }))
  if (outcome !== 'updated') return false
  await keepOnlyThisSession(core, request, id, next)
  setCurrentUser(core, request, changed)
  return true
}
