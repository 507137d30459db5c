import { type AuthCore, findUser } from './auth-core.ts'
import { provesPassword } from './authenticate.ts'
import { currentUser, setCurrentUser } from './current-user.ts'
import { keepOnlyThisSession } from './keep-session.ts'
import { fromFacts } from './login-facts.ts'
import type { UserProblem } from './users/user-problem.ts'
import type { Users } from './users/users.ts'

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
  users: Users<Own>,
  request: object,
  { current, password }: { readonly current: string; readonly password: string },
): Promise<PasswordChange> {
  const record = await currentUser(core, request)
  if (!record) return { changed: false, reason: 'not-logged-in' }
  const { proved, retryAfterMs } = await provesPassword(core, request, record, current)
  if (retryAfterMs !== null) return { changed: false, reason: 'throttled', retryAfterMs }
  if (!proved) return { changed: false, reason: 'wrong-password' }
  const { user, problems } = await users.setPassword(record.id, password)
  if (!user) return { changed: false, reason: 'refused', problems }
  await keepThisSession(core, request, record.id)
  return { changed: true }
}

/** This session is the one that stays: it learns the new password's hash, and its user has just proved who they are. */
async function keepThisSession<Own extends object>(core: AuthCore<Own>, request: object, id: string): Promise<void> {
  const record = await findUser(core, { id })
  const known = fromFacts((await core.sessions.of(request)).facts)
  if (!record || !known) return
  const { remembered: _, ...facts } = known
  const proof = { at: core.now(), since: record.sessionsValidFrom, authHash: core.authHash.of(record.password) }
  await keepOnlyThisSession(core, request, id, { ...facts, ...proof })
  setCurrentUser(core, request, record)
}
