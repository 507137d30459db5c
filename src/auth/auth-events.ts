import { channel } from 'node:diagnostics_channel'
import { safely } from '../events.ts'
import type { UserEvent } from './users/users.ts'

/** Something that happened to a login. No name, address, password or token is ever in it; ids are safe to log. */
export type AuthEvent =
  | { readonly type: 'logged-in'; readonly userId: string; readonly how: string }
  /** `reason` is for logs: what the visitor is told is the same for all. */
  | { readonly type: 'login-failed'; readonly reason: 'unknown' | 'wrong' | 'inactive' | 'refused' }
  | { readonly type: 'login-throttled'; readonly retryAfterMs: number }
  | { readonly type: 'logged-out'; readonly userId: string }
  /** A returning browser was logged in by its remember cookie. */
  | { readonly type: 'remembered'; readonly userId: string; readonly family: string }
  /** Two parties hold remember cookies of one family: both are logged out. */
  | { readonly type: 'remember-theft'; readonly userId: string; readonly family: string }
  /** A session was void when it was used: the account was closed, its password changed, or its sessions were ended. */
  | { readonly type: 'session-void'; readonly userId: string; readonly reason: VoidReason }
  | { readonly type: 'elevated'; readonly userId: string }
  | { readonly type: 'sessions-ended'; readonly userId: string; readonly which: 'one' | 'others' | 'all' }
  | { readonly type: 'cross-site-refused'; readonly reason: string }
  | { readonly type: 'password-reset-requested'; readonly userId: string }
  /** What sends the site's mails threw. */
  | { readonly type: 'mail-failed'; readonly userId: string; readonly kind: string }
  | UserEvent

/** Why a session that is there is good for nothing. */
export type VoidReason = 'no-user' | 'inactive' | 'ended' | 'password-changed'

/** Every event is published on this channel of `node:diagnostics_channel`. */
export const authChannel = 'keepsake:auth'

const published = channel(authChannel)

/**
 * Publishes an event, and gives it to the program's own listener. A listener that throws is warned of and spoils nothing. Of a subscriber
 * of the channel that throws, Node makes an `uncaughtException`, as it does on every channel.
 */
export function reporter(onEvent: (event: AuthEvent) => void): (event: AuthEvent) => void {
  const tell = safely(onEvent)
  return event => {
    published.publish(event)
    tell(event)
  }
}
