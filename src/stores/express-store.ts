import { randomUUID } from 'node:crypto'
import { Exclusively } from './express-store/exclusively.ts'
import type { SessionRecord, SessionStore, StoredRecord } from './store.ts'

/** What is used of a store that was made for express-session. */
export interface ExpressSessionStore {
  get(sid: string, callback: (error: unknown, session?: unknown) => void): unknown
  set(sid: string, session: never, callback: (error?: unknown) => void): unknown
  destroy(sid: string, callback: (error?: unknown) => void): unknown
}

/** A store that keeps the contract among the requests of one process. */
export interface ExpressStore extends SessionStore {
  /**
   * Stores made for express-session cannot compare and replace in one step. In one process nothing is lost, since changes of
   * one record wait for each other. Of two processes that change one session in the same moment, one may lose its change, or
   * write a session back that the other has just ended.
   */
  readonly guarantees: 'single-process'
}

/**
 * Keeps records in any store that was made for express-session, as far as such a store can: see `guarantees`. A rotation that
 * is cut in the middle by a crash leaves neither the old id nor the new one. There is no index, and sweeping is the store's
 * own affair. `docs/stores/express-store.md` has the details.
 *
 * @example
 * const store = expressStore(new RedisStore({ client }))   // of connect-redis
 */
export function expressStore(store: ExpressSessionStore): ExpressStore {
  const exclusively = new Exclusively()
  const get = async (id: string): Promise<unknown> => answerOf(done => store.get(id, done))
  const set = async (id: string, record: SessionRecord): Promise<unknown> =>
    answerOf(done => store.set(id, sessionOf(id, record) as never, done))
  const destroy = async (id: string): Promise<unknown> => answerOf(done => store.destroy(id, done))

  return {
    guarantees: 'single-process',

    read: async id => recordIn(await get(id), id),

    create: (id, record) =>
      exclusively.run([id], async () => {
        if (await get(id)) return false
        await set(id, record)
        return true
      }),

    replace: (was, id, record) =>
      exclusively.run([was.id, id], async () => {
        const current = recordIn(await get(was.id), was.id)
        if (current?.version !== was.version) return false
        if (id !== was.id) {
          if (await get(id)) return false
          // What ends goes first: a crash in between leaves none rather than both.
          await destroy(was.id)
        }
        await set(id, record)
        return true
      }),

    delete: id => exclusively.run([id], async () => void (await destroy(id))),
  }
}

/** What an express-session store is given. Each of these takes the time to live from another property of `cookie`. */
function sessionOf(id: string, { payload, expiresAt }: SessionRecord): object {
  const maxAge = expiresAt.getTime() - Date.now()
  return {
    cookie: { originalMaxAge: maxAge, maxAge, expires: expiresAt },
    // With its id, since a store may find it under another spelling; with its expiry, since a store may round that.
    keepsake: { id, version: randomUUID(), expiresAt: expiresAt.getTime(), payload },
  }
}

/** The record in what an express-session store gave; null if there is none of ours. */
function recordIn(session: unknown, id: string): StoredRecord | null {
  const { keepsake } = (session ?? {}) as { keepsake?: Partial<Record<string, unknown>> }
  if (keepsake?.id !== id) return null
  const { version, expiresAt, payload } = keepsake
  const isRecord = typeof version === 'string' && typeof expiresAt === 'number' && typeof payload === 'string'
  return isRecord ? { version, expiresAt: new Date(expiresAt), payload } : null
}

/** Who waits for a change behind one that the store never answers must not wait for ever. */
const patienceMs = 30_000

/** The answer that comes by callback. Files that are not there are an error to some stores. */
function answerOf(ask: (done: (error: unknown, answer?: unknown) => void) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the session store did not call back')), patienceMs)
    const done = (error: unknown, answer?: unknown): void => {
      clearTimeout(timer)
      if (error && (error as NodeJS.ErrnoException).code !== 'ENOENT') reject(error)
      else resolve(answer)
    }
    ask(done)
  })
}
