import { promising } from '../waiting/at-once.ts'
import type { ExpirySweep, IndexedRecord, SessionIndex, SessionRecord, SessionStore, StoredRecord } from './store.ts'

type Entry = Omit<SessionRecord, 'createdAt'> & StoredRecord

/**
 * Keeps records in this process: for development, tests and programs of one process that may forget. Everyone is logged out
 * when the process ends, and records of expired sessions stay until `sessions.clearExpired()`.
 *
 * Reading, writing, finding by an index value and sweeping cost the same however many records there are.
 */
export function memoryStore(): SessionStore & SessionIndex & ExpirySweep {
  const records = new Records()

  return {
    read: promising(id => records.get(id) ?? null),

    create: promising((id, record) => {
      if (records.get(id)) return false
      records.put(id, record)
      return true
    }),

    replace: promising((was, id, record) => {
      if (records.get(was.id)?.version !== was.version || (id !== was.id && records.get(id))) return false
      if (id !== was.id) records.remove(was.id)
      records.put(id, record)
      return true
    }),

    async delete(id): Promise<void> {
      records.remove(id)
    },

    async *find(name, value): AsyncGenerator<IndexedRecord> {
      for (const [id, entry] of records.with(name, value)) yield { id, ...entry }
    },

    async deleteBy(name, value, { except } = {}): Promise<number> {
      const ids = records.with(name, value).map(([id]) => id)
      return ids.filter(id => id !== except && records.remove(id)).length
    },

    async deleteExpired(now, { limit }): Promise<number> {
      return records.expired(now, limit).filter(id => records.remove(id)).length
    },
  }
}

const hourMs = 3_600_000

/** The records, and what leads to them: by index value, and by the hour in which they expire. */
class Records {
  readonly #entries = new Map<string, Entry>()
  readonly #byValue = new Groups<string>()
  readonly #byHour = new Groups<number>()
  #writes = 0

  get(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  put(id: string, { payload, expiresAt, index }: SessionRecord): void {
    const before = this.#entries.get(id)
    const entry = { payload, expiresAt, index, version: String(++this.#writes) }
    this.#entries.set(id, entry)
    // Nearly every change leaves it in its groups.
    if (before && areFoundAlike(before, entry)) return
    if (before) this.#leaveGroups(id, before)
    for (const value of valuesOf(entry)) this.#byValue.add(value, id)
    this.#byHour.add(hourOf(entry), id)
  }

  remove(id: string): boolean {
    const entry = this.#entries.get(id)
    if (entry) this.#leaveGroups(id, entry)
    return this.#entries.delete(id)
  }

  #leaveGroups(id: string, entry: Entry): void {
    for (const value of valuesOf(entry)) this.#byValue.remove(value, id)
    this.#byHour.remove(hourOf(entry), id)
  }

  with(name: string, value: string): [id: string, entry: Entry][] {
    return Array.from(this.#byValue.of(JSON.stringify([name, value])), id => [id, this.#entry(id)])
  }

  /** Looks at the hours that have begun, of which there are never many, and not at the records of the others. */
  expired(now: Date, limit: number): string[] {
    const ids: string[] = []
    for (const hour of this.#byHour.keys()) {
      if (hour * hourMs > now.getTime()) continue
      for (const id of this.#byHour.of(hour)) {
        if (ids.length === limit) return ids
        if (this.#entry(id).expiresAt <= now) ids.push(id)
      }
    }
    return ids
  }

  /** Of an id that a group led to: the groups hold no other. */
  #entry(id: string): Entry {
    return this.#entries.get(id) as Entry
  }
}

/** Sets of ids under a key, without empty ones. */
class Groups<Key> {
  readonly #groups = new Map<Key, Set<string>>()

  keys(): Iterable<Key> {
    return this.#groups.keys()
  }

  of(key: Key): Iterable<string> {
    return this.#groups.get(key) ?? []
  }

  add(key: Key, id: string): void {
    const group = this.#groups.get(key)
    if (group) group.add(id)
    else this.#groups.set(key, new Set([id]))
  }

  remove(key: Key, id: string): void {
    const group = this.#groups.get(key)
    group?.delete(id)
    if (group?.size === 0) this.#groups.delete(key)
  }
}

function areFoundAlike(one: Entry, other: Entry): boolean {
  const names = Object.keys(one.index)
  if (hourOf(one) !== hourOf(other) || names.length !== Object.keys(other.index).length) return false
  return names.every(name => one.index[name] === other.index[name])
}

function valuesOf({ index }: Pick<SessionRecord, 'index'>): string[] {
  return Object.entries(index).map(pair => JSON.stringify(pair))
}

function hourOf({ expiresAt }: Pick<SessionRecord, 'expiresAt'>): number {
  return Math.floor(expiresAt.getTime() / hourMs)
}
