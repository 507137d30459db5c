import type { SessionRecord } from '../stores/store.ts'
import type { Awaitable } from '../waiting/awaitable.ts'

/** What a cookie value led to. */
export interface Opened {
  /** The session's public handle. */
  readonly id: string
  /** The cookie value that leads here: a secret. Never log it. */
  readonly cookieValue: string
  readonly payload: string
  readonly expiresAt: Date
  /** The state that `commit` replaces; null when it is not known any more, and `reopen` must tell. */
  readonly version: string | null
}

/** Why a cookie value led nowhere: it cannot be one of ours, or it is unknown (by now). */
export type NotOpened = 'malformed' | 'unknown'

/** What a commit asks of the engine. `was` is what was opened, and has a version. */
export type Step =
  | { readonly type: 'create'; readonly record: SessionRecord }
  | { readonly type: 'replace'; readonly was: Opened; readonly record: SessionRecord }
  | { readonly type: 'rotate'; readonly was: Opened; readonly record: SessionRecord }

/**
 * How a session travels: a cookie value comes in, a cookie value goes out. Whether a database sits between is the engine's
 * own affair; expiry, when to save and what to send are not: they are the session layer's.
 *
 * Every method rejects only when the engine cannot tell (its store is down). Whatever a client may send is an answer.
 */
export interface Engine {
  /** Whether the cookie value is the record itself, so that each change gives another one. @default false */
  readonly recordInCookie?: boolean
  /** What this cookie value leads to. May be expired: the session layer decides. */
  open(cookieValue: string): Awaitable<Opened | NotOpened>
  /** What the same cookie value leads to now; null if the session has ended meanwhile. */
  reopen(opened: Opened): Awaitable<Opened | null>
  /**
   * Makes the step durable and tells what is now open. Null, and nothing changed, if what was opened is gone or newer.
   * After `rotate` the old cookie value leads nowhere; at no time do both.
   */
  commit(step: Step): Awaitable<Opened | null>
  /** Ends what was opened: its cookie value leads nowhere from now on. */
  destroy(opened: Opened): Promise<void>
}

/** What an engine may need to know of the program's options. */
export interface EngineSettings {
  readonly cookieName: string
  /** The time in ms since 1970. */
  readonly now: () => number
  /** How long a session may live at all, in ms; may be Infinity. */
  readonly absoluteMs: number
}

/** An engine that can end sessions without their cookies. */
export interface Revocation {
  /** Ends the session with this id. */
  revoke(id: string): Promise<void>
  /** Ends all sessions of a user that began until now, but for the one with the id `except`. */
  revokeAll(userId: string, except?: string): Promise<void>
}
