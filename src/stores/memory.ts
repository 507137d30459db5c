import type { ExpirySweep, IndexedRecord, SessionIndex, SessionRecord, SessionStore, StoredRecord } from './store.ts'

type Entry = SessionRecord & StoredRecord

/**
 * Keeps records in this process: for development, tests and programs of one process that may forget. Everyone is logged out
 * when the process ends, and records of expired sessions stay until `sessions.clearExpired()`.
 */
export function memoryStore(): SessionStore & SessionIndex & ExpirySweep {
  const entries = new Map<string, Entry>()
  let writes = 0
  const entryOf = (record: SessionRecord): Entry => ({ ...record, version: String(++writes) })

  return {
    async read(id): Promise<StoredRecord | null> {
      return entries.get(id) ?? null
    },

    async create(id, record): Promise<boolean> {
      if (entries.has(id)) return false
      entries.set(id, entryOf(record))
      return true
    },

    async replace(was, id, record): Promise<boolean> {
      const current = entries.get(was.id)
      if (current?.version !== was.version || (id !== was.id && entries.has(id))) return false
      entries.delete(was.id)
      entries.set(id, entryOf(record))
      return true
    },

    async delete(id): Promise<void> {
      entries.delete(id)
    },

    async *find(name, value): AsyncGenerator<IndexedRecord> {
      for (const [id, entry] of entries) if (entry.index[name] === value) yield { id, ...entry }
    },

    async deleteBy(name, value, { except } = {}): Promise<number> {
      return remove(entries, (id, { index }) => index[name] === value && id !== except)
    },

    async deleteExpired(now, { limit }): Promise<number> {
      return remove(entries, (_, { expiresAt }) => expiresAt <= now, limit)
    },
  }
}

function remove(
  entries: Map<string, Entry>,
  matches: (id: string, entry: Entry) => boolean,
  limit: number = Number.POSITIVE_INFINITY,
): number {
  let removed = 0
  for (const [id, entry] of entries) {
    if (removed === limit) break
    if (matches(id, entry) && entries.delete(id)) removed++
  }
  return removed
}
