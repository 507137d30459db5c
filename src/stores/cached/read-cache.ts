import type { SessionRecord, SessionStore, StoredRecord } from '../store.ts'
import { closedRecord, type Entry, entryRecord, isClosed, leaseRecord, readEntry } from './entry.ts'
import type { FrailCache } from './frail-cache.ts'
import { SharedReads } from './shared-reads.ts'

/** In place of an id: it cannot be told which records a change will be to. */
export const everything: unique symbol = Symbol('everything')

/** So often it is tried to put something into the place of what others change at the same time. */
const attempts = 10

/**
 * Reads records through the cache, and keeps the cache from telling what is over.
 *
 * An entry is trusted for `maxStaleMs` after the store was asked for it, whatever became of any message. Within that time:
 * - Who changes a record removes its entry when the store has answered.
 * - Who reads the store for an entry makes a lease before, and puts the entry exactly in the lease's place. If the record was
 *   changed meanwhile, the lease is gone, and what was read, which may be old, does not get into the cache.
 * - Who gives a record another id closes the old one before, so that nobody reads the new one from the store and then the old
 *   one from an entry. Nothing is put in the place of that: who changed the record removes it.
 * - If the cache did not answer, an entry may still be there that should be gone: then those from before are not trusted.
 */
export class ReadCache {
  readonly #store: SessionStore
  readonly #cache: FrailCache
  readonly #maxStaleMs: number
  readonly #now: () => number
  readonly #reads: SharedReads<StoredRecord | null>
  /** The records that this process is changing, with how often; under `everything`, all. */
  readonly #changing = new Map<string | typeof everything, number>()
  #tidied = Number.NEGATIVE_INFINITY

  constructor(store: SessionStore, cache: FrailCache, maxStaleMs: number, now: () => number) {
    this.#store = store
    this.#cache = cache
    this.#maxStaleMs = maxStaleMs
    this.#now = now
    this.#reads = new SharedReads(now)
  }

  read(id: string): Promise<StoredRecord | null> {
    return this.#reads.run(id, () => this.#load(id))
  }

  /** Makes a change to this record, or to any, and sees to it that no read which begins later is answered from before. */
  async change<T>(
    id: string | typeof everything,
    change: () => Promise<T>,
    clear = (_answer?: T): Promise<void> => this.#forget(id),
  ): Promise<T> {
    const others = this.#changing.get(id) ?? 0
    this.#changing.set(id, others + 1)
    let answer: T | undefined
    try {
      answer = await change()
      return answer
    } finally {
      await clear(answer)
      const left = (this.#changing.get(id) ?? 1) - 1
      if (left > 0) this.#changing.set(id, left)
      else this.#changing.delete(id)
    }
  }

  /** Makes a change after which nothing is to be found under this id. */
  end<T>(id: string, change: () => Promise<T>): Promise<T> {
    return this.change(id, change, () => this.#remove(id))
  }

  /** Makes a change in place. One that is refused leaves alone what another has closed. */
  replace(id: string, replacement: () => Promise<boolean>): Promise<boolean> {
    return this.change(id, replacement, done => (done ? this.#forget(id) : this.#withdraw(id)))
  }

  /** Makes a change that gives the record another id. Nobody reads it under both. */
  rotate(id: string, rotation: () => Promise<boolean>): Promise<boolean> {
    let closed = false
    const run = async (): Promise<boolean> => {
      closed = await this.#put(id, closedRecord(this.#now(), this.#maxStaleMs), () => true)
      return rotation()
    }
    // One that is refused leaves it closed, for another that may be under way.
    return this.change(id, run, async done => (done || !closed ? this.#remove(id) : undefined))
  }

  /** Removes the entry, or sees to it that it is not trusted. */
  async #forget(id: string | typeof everything): Promise<void> {
    if (id !== everything) await this.#cache.ask(cache => cache.delete(id))
  }

  /** Removes it also while the cache is left alone: others would trust the entry of a session that is over. */
  #remove(id: string): Promise<void> {
    return this.#cache.insist(cache => cache.delete(id))
  }

  #isClosed(found: StoredRecord): boolean {
    return isClosed(found, this.#now())
  }

  async #load(id: string): Promise<StoredRecord | null> {
    if (this.#changing.has(id) || this.#changing.has(everything)) return this.#fetch(id)
    const found = await this.#cache.ask(cache => cache.read(id))
    if (found === undefined || (found && this.#isClosed(found))) return this.#fetch(id)
    const entry = found && readEntry(found.payload)
    if (entry && this.#isFresh(entry)) return entry.record
    const lease = found ? found.version : await this.#lease(id)
    const fetchedAt = this.#now()
    const record = await this.#fetch(id)
    await this.#fill(id, lease, record && { record, fetchedAt })
    return record
  }

  /** What the store holds; no more of it than an entry keeps. */
  async #fetch(id: string): Promise<StoredRecord | null> {
    const found = await this.#store.read(id)
    return found && { payload: found.payload, expiresAt: found.expiresAt, version: found.version }
  }

  /** Makes a lease, and gives its version; undefined if it is gone already, or the id closed. */
  async #lease(id: string): Promise<string | undefined> {
    await this.#cache.ask(cache => cache.create(id, this.#newLease()))
    const found = await this.#cache.ask(cache => cache.read(id))
    return found && !this.#isClosed(found) ? found.version : undefined
  }

  #newLease(): SessionRecord {
    return leaseRecord(this.#now(), this.#maxStaleMs)
  }

  /** Puts this into the place of what is there, whatever others put there meanwhile, if that is to be replaced. Tells whether it is there. */
  async #put(
    id: string,
    record: SessionRecord,
    isToBeReplaced: (found: StoredRecord | null) => boolean,
  ): Promise<boolean> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const found = await this.#cache.ask(cache => cache.read(id))
      if (found === undefined || !isToBeReplaced(found)) return false
      const put = await this.#cache.ask(cache => {
        const putting = found ? cache.replace({ id, version: found.version }, id, record) : cache.create(id, record)
        // One that is full is not down, and may still remove.
        return putting.catch(() => undefined)
      })
      if (put) return true
      if (put === undefined) break
    }
    await this.#remove(id)
    return false
  }

  /** Sees to it that no entry is there, and leaves alone what is closed. */
  async #withdraw(id: string): Promise<void> {
    await this.#put(id, this.#newLease(), found => found !== null && !this.#isClosed(found))
  }

  /** Puts an entry in the place of the lease, or else sees to it that there is none which may be older than what was read. */
  async #fill(id: string, lease: string | undefined, entry: Entry | null): Promise<void> {
    // Absence is not kept: anyone may ask for records that never were.
    if (!entry) return this.#forget(id)
    if (lease === undefined) return this.#withdraw(id)
    const record = entryRecord(entry, this.#maxStaleMs)
    const was = { id, version: lease }
    // One that is too large for the cache is no sign of a cache that is down.
    const filled = await this.#cache.ask(cache => cache.replace(was, id, record).catch(() => false))
    if (!filled) return this.#withdraw(id)
    this.#tidy()
  }

  /** From time to time removes what is too old to be trusted, for caches that do not by themselves. */
  #tidy(): void {
    const now = this.#now()
    if (now - this.#tidied < this.#maxStaleMs) return
    this.#tidied = now
    const limit = 10_000
    void this.#cache.ask(async cache => {
      while ((await cache.deleteExpired?.(new Date(now), { limit })) === limit);
    })
  }

  #isFresh({ record, fetchedAt }: Entry): boolean {
    const now = this.#now()
    // One that comes from the future was written by a clock that goes ahead, and would live too long.
    const trusted = fetchedAt <= now && now < fetchedAt + this.#maxStaleMs
    return trusted && fetchedAt > this.#cache.answersSince && record.expiresAt.getTime() > now
  }
}
