import type { SessionFacts } from './session/codec.ts'
import { isExpired } from './session/expiry.ts'
import type { Session } from './session/session.ts'
import { Sessions } from './session/sessions.ts'
import type { SessionCore } from './session/state.ts'
import { isId } from './session/token.ts'
import type { ExpirySweep, IndexedRecord, SessionIndex, SessionStore } from './stores/store.ts'
import { type SweepOptions, sweep } from './sweep.ts'
import { checkText } from './values/check-text.ts'
import { type Duration, durationMs } from './values/duration.ts'
import type { DeepReadonly } from './values/json-value.ts'
import { readThroughSchema } from './values/schema.ts'
import { Deadline } from './waiting/deadline.ts'

/** One session in a list: what its owner, or an administrator, may see of it. */
export interface SessionInfo<Data extends object> {
  /** The public handle, for `sessions.revoke(id)`. */
  readonly id: string
  readonly userId: string | null
  /** What `rotate` noted of how the user came to have it. */
  readonly facts: SessionFacts
  readonly createdAt: Date
  /** The last renewal: use moves it at most once per tenth of the idle timeout, and no more when the end is near or fixed. */
  readonly lastSeenAt: Date
  readonly expiresAt: Date
  readonly data: DeepReadonly<Partial<Data>>
}

/** What sessions can do whose store finds records by index value. */
export interface IndexedSessions<Data extends object> {
  /** The live sessions of a user. */
  list(userId: string): Promise<SessionInfo<Data>[]>
  /** The live sessions whose `index` option gave this value under this name. */
  find(name: string, value: string): Promise<SessionInfo<Data>[]>
  /** Ends all sessions of a user, but for one, and tells how many there were. It holds from the next request on. */
  revokeAll(userId: string, options?: { except?: Session<Data> | string }): Promise<number>
}

/** What sessions can do whose store does not forget by itself. */
export interface SweptSessions {
  /**
   * Removes the records of expired sessions, 1,000 at a time, and tells how many. It only frees space: expiry itself is
   * checked at every read. Safe to stop, and to run in several processes at once.
   *
   * @example
   * await sessions.clearExpired({ maxTime: '30s', onProgress: removed => console.log(`${removed} removed`) })
   */
  clearExpired(options?: SweepOptions): Promise<number>
  /**
   * Calls `clearExpired` now and then every so often, and returns what stops that, and a sweep under way after its batch. A
   * sweep that lasts longer goes on alone. One that fails is warned of, and tried again the next time. It does not keep the
   * process running.
   */
  clearExpiredEvery(interval: Duration, options?: SweepOptions): () => void
}

/** Nobody waits for a sweep, and one batch may have to look through all folders of a file store. */
const longestBatchMs = 60_000

/** Longer ones run at once, and again at once, for ever. */
const longestTimerMs = 2 ** 31 - 1

type AnyStore = SessionStore & Partial<SessionIndex & ExpirySweep>

/** Sessions that rest in a store. `createSessions` gives it the type of what the store can do. */
export class StoredSessions<Data extends object> extends Sessions<Data> {
  /** The types of `createSessions` let nobody call what this one lacks. */
  readonly #store: Required<AnyStore>
  readonly #settings: SessionCore['settings']
  readonly #deadline: Deadline
  readonly #batchDeadline: Deadline

  constructor(core: SessionCore, store: AnyStore, deadline: Deadline) {
    super(core)
    this.#store = store as Required<AnyStore>
    this.#settings = core.settings
    this.#deadline = deadline
    this.#batchDeadline = new Deadline(Math.max(core.settings.deadlineMs, longestBatchMs))
    // What the type lacks is not there at run time either, for those who ask for it by `?.`.
    if (!('find' in store)) Object.assign(this, { list: undefined, find: undefined, revokeAll: undefined })
  }

  /**
   * Ends the session with this id. It holds from the next request on, for a request under way too. An id that is none of
   * ours, as it may come from a form, ends nothing.
   */
  async revoke(id: string): Promise<void> {
    checkText('id', id)
    if (!isId(id)) return
    return this.#deadline.within(() => this.#store.delete(id))
  }

  list(userId: string): Promise<SessionInfo<Data>[]> {
    return this.find('userId', userId)
  }

  async find(name: string, value: string): Promise<SessionInfo<Data>[]> {
    checkText(name, value)
    return this.#deadline.within(() => this.#collect(name, value))
  }

  async revokeAll(userId: string, { except }: { except?: Session<Data> | string } = {}): Promise<number> {
    checkText('userId', userId)
    const spared = typeof except === 'object' ? (except.id ?? undefined) : except
    return this.#deadline.within(() => this.#store.deleteBy('userId', userId, { except: spared }))
  }

  clearExpired(options: SweepOptions = {}): Promise<number> {
    const { now } = this.#settings
    return sweep((at, limit) => this.#batchDeadline.within(() => this.#store.deleteExpired(at, limit)), now, options)
  }

  clearExpiredEvery(interval: Duration, options: SweepOptions = {}): () => void {
    const stop = new AbortController()
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
    let isRunning = false
    const run = async (): Promise<void> => {
      if (isRunning) return
      isRunning = true
      try {
        await this.clearExpired({ ...options, signal })
      } catch (error) {
        console.warn('Keepsake: expired sessions were not cleared', error)
      }
      isRunning = false
    }
    const timer = setInterval(run, Math.min(durationMs(interval, 'the argument of clearExpiredEvery'), longestTimerMs))
    timer.unref()
    void run()
    return () => {
      clearInterval(timer)
      stop.abort()
    }
  }

  async #collect(name: string, value: string): Promise<SessionInfo<Data>[]> {
    const found: SessionInfo<Data>[] = []
    for await (const record of this.#store.find(name, value)) {
      const info = await this.#info(record)
      if (info) found.push(info)
    }
    return found
  }

  async #info({ id, payload, expiresAt: end }: IndexedRecord): Promise<SessionInfo<Data> | null> {
    const { codec, format, schema, expiry, now } = this.#settings
    const contents = format.decode(payload, codec, end.getTime())
    if (!contents || isExpired(contents.meta, end.getTime(), expiry, now())) return null
    const { created, seen, user: userId = null, facts = {} } = contents.meta
    // What does not fit the schema any more is not shown, but the session can still be seen and ended.
    const data = ((await readThroughSchema(contents.data, schema)) ?? {}) as DeepReadonly<Partial<Data>>
    return {
      id,
      userId,
      facts,
      createdAt: new Date(created),
      lastSeenAt: new Date(seen),
      expiresAt: new Date(end),
      data,
    }
  }
}
