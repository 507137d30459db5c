import type { Exchange } from '../adapters/exchange.ts'
import { cookies } from '../cookies/cookies.ts'
import { type Attachment, outermostOf } from '../cookies/exchanges.ts'
import type { KeyedJar } from '../cookies/keyed-jar.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { KeepsakeError } from '../errors.ts'
import type { Deadline } from '../waiting/deadline.ts'
import type { AuthEvent } from './auth-events.ts'
import type { AuthHash } from './auth-hash.ts'
import type { AuthSessions } from './auth-sessions.ts'
import type { AuthBackend } from './authenticate.ts'
import type { SessionLimit } from './devices/session-limit.ts'
import type { LinkPurpose, MailSettings } from './mail/mail-options.ts'
import type { Passwords } from './passwords/passwords.ts'
import type { Remember } from './remember/remember.ts'
import type { Throttle } from './throttle/throttle.ts'
import type { UserRecord } from './users/user.ts'
import type { UserKey, UserStore } from './users/user-store.ts'

/** What all parts of one `createAuth` share. */
export interface AuthCore<Own extends object = object> {
  readonly sessions: AuthSessions
  /** Of `guardedStore`: one that fails or hangs is an error with status 503. */
  readonly store: UserStore<Own>
  readonly passwords: Passwords
  readonly backends: readonly (AuthBackend | 'password')[]
  readonly ring: KeyRing
  readonly authHash: AuthHash
  readonly remember: Remember | null
  readonly throttle: Throttle | null
  readonly limit: SessionLimit | null
  readonly mail: MailSettings | null
  readonly cookieNames: Readonly<Record<'remember' | 'device' | LinkPurpose, string>>
  readonly secure: boolean
  readonly loginPath: string
  /** The site's own origins; null: those of the request's `Host`. */
  readonly origins: readonly string[] | null
  readonly trustedOrigins: readonly string[]
  readonly trustSameSite: boolean
  readonly freshForMs: number
  readonly clientAddress: (request: object) => string | null
  /** For calls that are not the user store's, which has its own. */
  readonly deadline: Deadline
  readonly now: () => number
  readonly report: (event: AuthEvent) => void
}

export function attachmentFor(request: object): Attachment {
  const attachment = outermostOf(request)
  if (!attachment) throw new KeepsakeError('REQUEST_UNKNOWN')
  return attachment
}

export function exchangeFor(request: object): Exchange {
  return attachmentFor(request).exchange
}

export function jarOf({ ring, now }: AuthCore, request: object): KeyedJar {
  return cookies(request, ring, { clock: now })
}

export function findUser<Own extends object>(core: AuthCore<Own>, by: UserKey): Promise<UserRecord<Own> | null> {
  return core.store.find(by)
}
