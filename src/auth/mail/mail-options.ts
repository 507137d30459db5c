import type { KeyRing } from '../../crypto/key-ring.ts'
import { checkFunctions, invalidOption, refuseUnknown } from '../../values/check-options.ts'
import type { Duration } from '../../values/duration.ts'
import { checkedOrigins } from '../cross-site/check-origin.ts'
import { createTokens, type Tokens } from '../tokens/create-tokens.ts'
import type { User } from '../users/user.ts'

/** A mail that the site is to send: its words are the program's. */
export type AuthMail =
  /** Somebody asked for a new password: the link leads to the page where it is chosen. */
  | { readonly kind: 'password-reset'; readonly to: string; readonly user: User; readonly link: string }
  /** A user whom somebody else made is to choose their first password: the link leads to the same page. */
  | { readonly kind: 'invitation'; readonly to: string; readonly user: User; readonly link: string }
  /** The user gave this address: the link leads to the page where they confirm it. */
  | { readonly kind: 'email-confirmation'; readonly to: string; readonly user: User; readonly link: string }
  /** A notice, so that the owner learns of it if it was somebody else. */
  | { readonly kind: 'password-changed'; readonly to: string; readonly user: User }
  /** A notice, to the address of before. */
  | { readonly kind: 'email-changed'; readonly to: string; readonly user: User }

/** How mails are made and sent. */
export interface MailOptions {
  /**
   * Sends a mail. Nobody waits for it, so that the time of an answer does not tell whether an address is known; what it throws is an
   * event, `mail-failed`, and a warning. Where a process ends with the answer, hand the mail to a queue.
   */
  readonly send: (mail: AuthMail) => unknown
  /** Where links lead: `https://app.example.com`. The request's `Host` has no say in it. */
  readonly origin: string
  /** The page where a password is chosen anew. @default '/reset-password' */
  readonly resetPath?: string
  /** The page where an address is confirmed. @default '/confirm-email' */
  readonly confirmPath?: string
  /** How long the links are good. @default '1h' */
  readonly lifetime?: Duration
}

/** What a link in a mail is good for. */
export type LinkPurpose = 'reset' | 'confirm'

/** The options with every default in place and every check passed. */
export interface MailSettings {
  readonly send: (mail: AuthMail) => unknown
  readonly origin: string
  readonly links: Readonly<Record<LinkPurpose, { readonly path: string; readonly tokens: Tokens }>>
}

const known: readonly (keyof MailOptions)[] = ['send', 'origin', 'resetPath', 'confirmPath', 'lifetime']

/** Throws at construction, so that bad configuration does not start. */
export function resolveMailOptions(options: MailOptions, ring: KeyRing, now: () => number): MailSettings {
  refuseUnknown(options, known, 'mail.')
  checkFunctions('mail', options, ['send'])
  const { send, origin, resetPath = '/reset-password', confirmPath = '/confirm-email', lifetime = '1h' } = options
  checkedOrigins('mail.origin', [origin])
  const tokens = (purpose: string): Tokens => createTokens(ring, { purpose, lifetime, now })
  return {
    ...{ send, origin },
    links: {
      reset: { path: ownPath('mail.resetPath', resetPath), tokens: tokens('password reset') },
      confirm: { path: ownPath('mail.confirmPath', confirmPath), tokens: tokens('e-mail confirmation') },
    },
  }
}

function ownPath(option: string, path: string): string {
  if (/^\/(?!\/)[^?#]*$/.test(path)) return path
  throw invalidOption(option, `is ${JSON.stringify(path)}, which is no path of this site`)
}
