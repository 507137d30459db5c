import { hash } from 'node:crypto'
import type { SessionRecord, SessionStore } from '../stores/store.ts'

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
  /** False if it had ended before. */
  add(id: string): Promise<boolean>
  /** All that were issued to this user at `at` or earlier, but for one. */
  addAll(userId: string, at: number, except: string | undefined): Promise<void>
}

/**
 * Revocations as records of a session store: one for each session that ended, and one for each user whose sessions were ended
 * together, which holds the moment up to which they are void. Both may go when no such session can be alive any more.
 */
export function revocationsIn(store: SessionStore, latestEnd: () => number): Revocations {
  const recordOf = (payload: string): SessionRecord => {
    // The latest date that every store can hold, for sessions without an end.
    const expiresAt = new Date(Math.min(latestEnd(), Date.UTC(9999, 0)))
    return { payload, createdAt: new Date(), expiresAt, index: {} }
  }

  return {
    async includes({ id, issuedAt, userId }): Promise<boolean> {
      const [session, user] = await Promise.all([
        store.read(keyOf('session', id)),
        userId === '' ? null : store.read(keyOf('user', userId)),
      ])
      if (session) return true
      const [until, except] = user?.payload.split(' ') ?? []
      return until !== undefined && issuedAt <= Number(until) && id !== except
    },

    add: id => store.create(keyOf('session', id), recordOf('ended')),

    async addAll(userId, at, except = ''): Promise<void> {
      const key = keyOf('user', userId)
      const record = recordOf(`${at} ${except}`)
      for (let done = false; !done; ) {
        const was = await store.read(key)
        done = was
          ? await store.replace({ id: key, version: was.version }, key, record)
          : await store.create(key, record)
      }
    },
  }
}

/** Of the shape of an id, so that any store takes it. */
function keyOf(kind: 'session' | 'user', name: string): string {
  return hash('sha256', `revoked ${kind} ${name}`, 'base64url')
}
