import { type AuthCore, findUser } from '../auth-core.ts'
import { setCurrentUser } from '../current-user.ts'
import { isUsablePassword } from '../passwords/unusable-password.ts'
import { forgetBrowser } from '../remembering.ts'
import { fieldText } from '../users/profile.ts'
import { type UserRecord, type UserRecordChanges, withoutCredentials } from '../users/user.ts'
import { isUserId } from '../users/user-id.ts'
import type { UserProblem } from '../users/user-problem.ts'
import { closeLink, linkIn } from './mailed-link.ts'
import { isOneAddress, linkFor, mailOf, mayMail, sendMail } from './send-mail.ts'

/** Whether the password was chosen anew; if not, all that there is to tell the visitor. */
export type PasswordReset =
  | { readonly reset: true }
  /** The link was not good, or not any more: it may have been used already. */
  | { readonly reset: false; readonly reason: 'invalid-link' }
  | { readonly reset: false; readonly reason: 'refused'; readonly problems: readonly UserProblem[] }

/**
 * Mails a link to whoever has this address. Nothing that the visitor sees, hears or measures tells whether somebody has
 * (CVE-2024-39329): both cost the same look-ups, and the mail is not waited for.
 */
export async function requestPasswordReset<Own extends object>(
  core: AuthCore<Own>,
  request: object,
  typed: unknown,
): Promise<void> {
  mailOf(core)
  const email = fieldText('email', typed)
  if (!email || !isOneAddress(email)) return
  // As typed, and as most addresses are written. The mail goes to the stored one, so a look-alike letter leads nowhere (CVE-2019-19844).
  const spellings = await Promise.all([email, email.toLowerCase()].map(spelling => findUser(core, { email: spelling })))
  const record = spellings.find(found => found !== null)
  // By the user: spellings that the counters take for one, and that lead to nobody, keep no owner from their mail.
  const { allowed } = await mayMail(core, request, `password reset of ${record ? `user ${record.id}` : email}`)
  if (!allowed) return
  if (!record?.isActive || !isUsablePassword(record.password)) return
  core.report({ type: 'password-reset-requested', userId: record.id })
  const mail = { to: record.email, user: withoutCredentials(record), link: linkFor(core, 'reset', record) }
  sendMail(core, { kind: 'password-reset', ...mail })
}

/**
 * Mails a link to choose a password to a user, whatever they have now: who was made without one has no other way to the first (ASVS 6.4.1).
 * It is the link of a reset, and lives as long.
 */
export async function inviteUser(core: AuthCore, userId: string): Promise<boolean> {
  mailOf(core)
  const record = isUserId(userId) ? await findUser(core, { id: userId }) : null
  if (!record?.isActive || !isOneAddress(record.email)) return false
  const mail = { to: record.email, user: withoutCredentials(record), link: linkFor(core, 'reset', record) }
  sendMail(core, { kind: 'invitation', ...mail })
  return true
}

/**
 * Sets the password of the user whom the link that this browser opened is about, once, and ends all their sessions. Logs nobody in: whoever
 * reads the mail may not be the one who knows the rest (ASVS 6.4.3).
 */
export async function resetPassword<Own extends object>(
  core: AuthCore<Own>,
  request: object,
  password: unknown,
): Promise<PasswordReset> {
  const link = await linkIn(core, request, 'reset')
  if (!link) return { reset: false, reason: 'invalid-link' }
  const { record } = link
  const problems = await core.passwords.check(typeof password === 'string' ? password : '', {
    user: withoutCredentials<Own>(record),
  })
  if (typeof password !== 'string' || problems.length > 0) {
    return { reset: false, reason: 'refused', problems: problems.map(problem => ({ field: 'password', ...problem })) }
  }
  if (!(await replacePassword(core, record, password))) return { reset: false, reason: 'invalid-link' }
  await leave(core, request, record.id)
  core.report({ type: 'password-changed', userId: record.id })
  if (record.email) sendMail(core, { kind: 'password-changed', to: record.email, user: withoutCredentials(record) })
  return { reset: true }
}

/** Of two that use one link at the same time, one does. */
async function replacePassword<Own extends object>(
  core: AuthCore<Own>,
  { id, password: ifPassword }: UserRecord<Own>,
  password: string,
): Promise<boolean> {
  const hash = await core.passwords.hash(password)
  const changes = { password: hash, sessionsValidFrom: core.now() } as unknown as UserRecordChanges<Own>
  return (await core.store.update(id, changes, { ifPassword })) === 'updated'
}

/** All sessions of the user are void by now; here they go, as far as the store can find them. */
async function leave<Own extends object>(core: AuthCore<Own>, request: object, userId: string): Promise<void> {
  closeLink(core, request, 'reset')
  const session = await core.sessions.of(request)
  if (session.userId === userId) {
    session.destroy()
    await forgetBrowser(core, request)
    setCurrentUser(core, request, null)
  }
  await core.sessions.revokeAll?.(userId)
}
