import type { Engine, Opened } from '../engines/engine.ts'
import type { Contents } from './codec.ts'
import type { Change } from './journal.ts'
import type { SessionSettings } from './options.ts'
import type { Turns } from './turns.ts'

/** What all requests of one `createSessions` share. */
export interface SessionCore {
  readonly engine: Engine
  readonly settings: SessionSettings
  readonly turns: Turns
}

/** The cookie that the answer has to set. `maxAge` in seconds, null: until the browser closes; an empty value deletes it. */
export interface PendingCookie {
  readonly value: string
  readonly maxAge: number | null
}

export const deletedCookie: PendingCookie = { value: '', maxAge: 0 }

/** Where one request stands with its session: what `Session` changes and what `commit` saves. */
export interface SessionState {
  /** The live record behind the request's cookie, or the one that a commit made; null: there is none. */
  opened: Opened | null
  /** The record that this request destroyed, until that is done. */
  destroyed: Opened | null
  /** Data and facts with the journal's changes made. */
  contents: Contents
  /** The changes that are not saved yet. */
  journal: Change[]
  rotating: boolean
  /** `setExpiry` was called, so the browser has to learn a new Max-Age even if the record's end stays. */
  expiryChosen: boolean
  /** The session ended elsewhere while this request ran: nothing can be saved to it any more. */
  ended: boolean
  cookie: PendingCookie | null
}

/** Data and facts of a session that begins now. */
export function freshContents(now: number): Contents {
  return { data: {}, meta: { created: now, seen: now } }
}
