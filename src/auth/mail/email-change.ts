import { requireFresh } from '../access/access.ts'
import type { AuthCore } from '../auth-core.ts'
import { fieldText } from '../users/profile.ts'
import { type User, type UserRecordChanges, withoutCredentials } from '../users/user.ts'
import type { UserProblem } from '../users/user-problem.ts'
import { closeLink, linkIn } from './mailed-link.ts'
import { isOneAddress, linkFor, mayMail, sendMail } from './send-mail.ts'

/** Whether a mail is on its way; if not, all that there is to tell the visitor. */
export type EmailChange =
  | { readonly sent: true }
  | { readonly sent: false; readonly reason: 'refused'; readonly problems: readonly UserProblem[] }
  | { readonly sent: false; readonly reason: 'throttled'; readonly retryAfterMs: number }

/**
 * Mails a link to an address that the user of this request gave: nothing changes until they confirm it. Their present address is
 * confirmed in the same way. Throws as `requireFresh` does: the address is a way into the account (ASVS 7.5.1).
 */
export async function requestEmailChange(core: AuthCore, request: object, typed: unknown): Promise<EmailChange> {
  const record = await requireFresh(core, request, undefined)
  const email = fieldText('email', typed)
  if (!email || !isOneAddress(email)) return { sent: false, reason: 'refused', problems: [noAddress] }
  const admission = await mayMail(core, request, `e-mail change of ${record.id}`)
  if (!admission.allowed) return { sent: false, reason: 'throttled', retryAfterMs: admission.retryAfterMs }
  const link = linkFor(core, 'confirm', record, email)
  sendMail(core, { kind: 'email-confirmation', to: email, user: withoutCredentials(record), link })
  return { sent: true }
}

/**
 * Gives the user the address of the link that this browser opened. Who has the link has the mailbox: nobody has to be logged in. A password
 * that is changed in this very moment voids the link all the same.
 */
export async function confirmEmail<Own extends object>(
  core: AuthCore<Own>,
  request: object,
): Promise<(User & Own) | null> {
  const link = await linkIn(core, request, 'confirm')
  if (!link) return null
  const { record, about: email } = link
  const changes = { email } as unknown as UserRecordChanges<Own>
  const outcome = await core.store.update(record.id, changes, { ifPassword: record.password })
  closeLink(core, request, 'confirm')
  if (outcome !== 'updated') return null
  core.report({ type: 'user-updated', userId: record.id })
  if (record.email && record.email !== email) {
    sendMail(core, { kind: 'email-changed', to: record.email, user: withoutCredentials(record) })
  }
  return withoutCredentials<Own>({ ...record, email })
}

const noAddress: UserProblem = { field: 'email', code: 'invalid', message: 'This is not an e-mail address.' }
