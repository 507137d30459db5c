import { setImmediate } from 'node:timers'
import { KeepsakeError } from '../../errors.ts'
import type { AuthCore } from '../auth-core.ts'
import type { Admission } from '../throttle/throttle.ts'
import type { UserRecord } from '../users/user.ts'
import type { AuthMail, LinkPurpose, MailSettings } from './mail-options.ts'

/** Throws `OPTION_INVALID` where `createAuth` was given no `mail`. */
export function mailOf({ mail }: AuthCore): MailSettings {
  if (mail) return mail
  throw new KeepsakeError('OPTION_INVALID', 'mail is missing: createAuth({ mail: { send, origin } })')
}

/**
 * Whether so many mails may go out, by the counters of the logins. To ask for a reset often holds nobody up: each that goes out
 * is one that its owner gets.
 */
export async function mayMail(core: AuthCore, request: object, about: string): Promise<Admission> {
  const attempt = { account: about, address: core.clientAddress(request) }
  return (await core.throttle?.attempt(attempt)) ?? { allowed: true }
}

/** Whether this is one address and not several, as a program that mails would read it (CVE-2022-35924). */
export function isOneAddress(email: string): boolean {
  return /^[^\s@,;:<>()"]+@[^\s@,;:<>()"]+$/.test(email)
}

/**
 * Sends a mail after the answer, and tells nobody who waits how that went. Not in a microtask: that would run before whoever awaits the
 * request goes on, and the time that `send` keeps the process busy would tell that the address is known.
 */
export function sendMail(core: AuthCore, mail: AuthMail): void {
  const { send } = mailOf(core)
  new Promise(setImmediate)
    .then(() => send(mail))
    .catch(error => {
      core.report({ type: 'mail-failed', userId: mail.user.id, kind: mail.kind })
      console.warn(`keepsake: mail.send failed at ${mail.kind}:`, error)
    })
}

/** The link of a mail: the user, what the token is about if it is about something, and the token. */
export function linkFor(core: AuthCore, purpose: LinkPurpose, record: UserRecord, about = ''): string {
  const { origin, links } = mailOf(core)
  const { path, tokens } = links[purpose]
  const query = new URLSearchParams({ user: record.id, ...(about && { about }), token: tokens.make(record, about) })
  return `${origin}${path}?${query}`
}
