import type { DatabaseStore } from '../../../src/stores/database/database-store.ts'
import type { IndexedRecord, SessionRecord } from '../../../src/stores/store.ts'
import { newId, newRecord } from '../../../src/testing/store-contract/samples.ts'

export { newId, newRecord, newUser, readExisting } from '../../../src/testing/store-contract/samples.ts'

/** A record that ended a minute ago. */
export function expiredRecord(changes: Partial<SessionRecord> = {}): SessionRecord {
  return newRecord({ expiresAt: new Date(Date.now() - 60_000), ...changes })
}

/** Stores so many records, and gives their ids. */
export async function createMany(store: DatabaseStore, count: number, record: () => SessionRecord): Promise<string[]> {
  const ids = Array.from({ length: count }, newId)
  await Promise.all(ids.map(id => store.create(id, record())))
  return ids
}

/** How many of these records the store still has. */
export async function countStored(store: DatabaseStore, ids: readonly string[]): Promise<number> {
  const found = await Promise.all(ids.map(id => store.read(id)))
  return found.filter(record => record !== null).length
}

/** All that `find` yields. */
export async function findAll(store: DatabaseStore, name: string, value: string): Promise<IndexedRecord[]> {
  const found: IndexedRecord[] = []
  for await (const record of store.find(name, value)) found.push(record)
  return found
}
