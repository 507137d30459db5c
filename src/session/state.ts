import type { Engine, Opened } from '../engines/engine.ts'
import type { Lately } from '../waiting/lately.ts'
import type { Turns } from '../waiting/turns.ts'
import type { Contents } from './codec.ts'
import type { Change } from './journal.ts'
import type { SessionSettings } from './options.ts'

/** What all requests of one `createSessions` share. */
export interface SessionCore {
  readonly engine: Engine
  readonly settings: SessionSettings
  readonly turns: Turns
  /** The renewals that requests of this process have begun. */
  readonly renewals: Lately
}

/** The cookie that the answer has to set. `maxAge` in seconds, null: until the browser closes; an empty value deletes it. */
export interface PendingCookie {
  readonly value: string
  readonly maxAge: number | null
}

export const deletedCookie: PendingCookie = { value: '', maxAge: 0 }

/** Where one request stands with its session: what `Session` changes and what `commit` saves. */
export class SessionState {
  /** The live record behind the request's cookie, or the one that a commit made; null: there is none. */
  opened: Opened | null
  /** Data and facts with the journal's changes made. */
  contents: Contents
  /** The request came with a token that leads nowhere. */
  readonly isLost: boolean
  /** The records that this request destroyed, until that is done. */
  readonly destroyed: Opened[] = []
  /** What the program asked for and is not saved yet. */
  wishes: Wishes = noWishes()
  /** How often the program asked for something: tells whether anything came after. */
  revision = 0
  /** How often the program ended the session: what was being saved then is to end too. */
  lives = 0
  /** Wishes are being saved for which the browser will get a cookie. */
  cookieComing = false
  /** The session ended elsewhere while this request ran: nothing can be saved to it any more. */
  ended = false
  cookie: PendingCookie | null = null

  constructor(opened: Opened | null, contents: Contents, isLost: boolean) {
    this.opened = opened
    this.contents = contents
    this.isLost = isLost
  }
}

/** What one commit takes on, and gives back if it fails. */
export interface Wishes {
  journal: Change[]
  rotating: boolean
  /** `setExpiry` was called, so the browser has to learn a new Max-Age even if the record's end stays. */
  expiryChosen: boolean
}

export function noWishes(): Wishes {
  return { journal: [], rotating: false, expiryChosen: false }
}

/** Data and facts of a session that begins now. */
export function freshContents(now: number): Contents {
  return { data: {}, meta: { created: now, seen: now } }
}
