import { hash } from 'node:crypto'
import { KeepsakeError } from '../errors.ts'
import type { ExpirySweep, SessionRecord, SessionStore, StoredRecord } from '../stores/store.ts'
import { pauseBeforeRetry } from '../waiting/pause-before-retry.ts'
import type { EngineSettings, Revocation } from './engine.ts'

/** What a cookie says of when and for whom it was first made. */
export interface Issue {
  readonly id: string
  /** When the session got this id, in ms since 1970. */
  readonly issuedAt: number
  /** Empty for nobody. */
  readonly userId: string
}

/** Which sessions ended before their cookies did. */
export interface Revocations {
  includes(issue: Issue): Promise<boolean>
  /** From when on this user's sessions are issued, so that no earlier revocation takes them along. */
  notBefore(userId: string): Promise<number>
  /** Ends a session that lasts until `sessionEnd`, if that is known, and whatever it was rotated to meanwhile. */
  add(id: string, sessionEnd?: Date): Promise<void>
  /** The same for one that goes on under the id `next`. False if it had ended before. */
  addRotated(id: string, sessionEnd: Date, next: string): Promise<boolean>
  /** All that were issued to this user until now, but for one. */
  addAll(userId: string, except: string): Promise<void>
}

/** What can end sessions, and notes it in a store that has to be swept. */
export interface SweptRevocation extends Revocation {
  readonly revocations: SessionStore & ExpirySweep
}

/** How far the clocks of two servers may be apart, in ms. */
const skew = 60_000

/** How often a note is tried that another process changes at the same time: about two seconds of pauses. */
const attempts = 64

/** The latest date that every store can hold, for sessions without an end. */
const latest = Date.UTC(9999, 0)

/**
 * Revocations as records of a session store: one for each session that ended, and one for each user whose sessions were ended
 * together, which holds the moment up to which they are void. Both may go when no such session can be alive any more.
 */
export function revocationsIn(
  store: SessionStore,
  { now, absoluteMs }: Pick<EngineSettings, 'now' | 'absoluteMs'>,
): Revocations {
  // Another process may allow sessions a longer life than this one: while an option is changed, from server to server.
  const recordOf = (payload: string, sessionEnd = 0): SessionRecord =>
    recordFrom(payload, now(), Math.max(sessionEnd, now() + absoluteMs) + skew)

  const addRotated = (id: string, sessionEnd: Date | undefined, next: string): Promise<boolean> =>
    store.create(keyOf('session', id), recordOf(`ended ${next}`, sessionEnd?.getTime()))

  return {
    addRotated,

    async includes({ id, issuedAt, userId }): Promise<boolean> {
      const [session, user] = await Promise.all([
        store.read(keyOf('session', id)),
        userId === '' ? null : store.read(keyOf('user', userId)),
      ])
      const { until, except, all } = endOf(user)
      return session !== null || issuedAt <= all || (issuedAt <= until && id !== except)
    },

    async notBefore(userId): Promise<number> {
      return userId === '' ? 0 : endOf(await store.read(keyOf('user', userId))).until + 1
    },

    async add(id, sessionEnd): Promise<void> {
      for (let next = id; next !== '' && !(await addRotated(next, sessionEnd, '')); ) {
        const ended = await store.read(keyOf('session', next))
        next = ended?.payload.split(' ')[1] ?? ''
      }
    },

    async addAll(userId, except): Promise<void> {
      const key = keyOf('user', userId)
      for (let attempt = 1; attempt <= attempts; attempt++) {
        const was = await store.read(key)
        const record = recordOf(payloadOf(nextEnd(endOf(was), now(), except)))
        const done = was
          ? await store.replace({ id: key, version: was.version }, key, record)
          : await store.create(key, record)
        if (done) return
        await pauseBeforeRetry(attempt)
      }
      throw new KeepsakeError('SESSION_CONFLICT', `the note for a user was not taken in ${attempts} attempts`)
    },
  }
}

function recordFrom(payload: string, createdAt: number, end: number): SessionRecord {
  return { payload, createdAt: new Date(createdAt), expiresAt: new Date(Math.min(end, latest)), index: {} }
}

/** Which sessions of a user are void, by the moment at which they were issued. */
interface UserEnd {
  /** Up to here, all but one. */
  readonly until: number
  readonly except: string
  /** Up to here, all. */
  readonly all: number
}

function endOf(record: StoredRecord | null): UserEnd {
  const [until = -1, except = '', all = -1] = record?.payload.split(' ') ?? []
  return { until: Number(until), except, all: Number(all) }
}

/**
 * The next revocation lies later than the one before, and also than a session that was issued after that. What the one before
 * spared ends now, and nothing that it ended is spared: only who is spared by both is spared.
 */
function nextEnd({ until, except: spared, all }: UserEnd, now: number, except: string): UserEnd {
  return { until: Math.max(Math.floor(now) + skew, until + 1), except, all: except === spared ? all : until }
}

function payloadOf({ until, except, all }: UserEnd): string {
  return `${until} ${except} ${all}`
}

/** Of the shape of an id, so that any store takes it. */
function keyOf(kind: 'session' | 'user', name: string): string {
  return hash('sha256', `revoked ${kind} ${name}`, 'base64url')
}
