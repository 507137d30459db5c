import assert from 'node:assert/strict'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { SessionRecord, SessionStore, StoredRecord } from '../../stores/store.ts'

/** An id that nobody has used: the suite may run on a store that others use too. */
export function newId(): string {
  return createHash('sha256').update(randomBytes(32)).digest('base64url')
}

/** A user whom nobody knows. */
export function newUser(): string {
  return `user-${randomUUID()}`
}

/** A record that lives for an hour, so that what a suite leaves behind goes away by itself. */
export function newRecord(changes: Partial<SessionRecord> = {}): SessionRecord {
  const createdAt = new Date()
  const expiresAt = new Date(createdAt.getTime() + 3_600_000)
  return { payload: `{"v":1,"d":{"n":"${randomUUID()}"}}`, createdAt, expiresAt, index: {}, ...changes }
}

/** Stores a record and reads it back. */
export async function createAndRead(
  store: SessionStore,
  id: string,
  record: SessionRecord = newRecord(),
): Promise<StoredRecord> {
  assert.equal(await store.create(id, record), true, 'create() of a new id')
  return readExisting(store, id)
}

/** Reads a record that has to be there. */
export async function readExisting(store: SessionStore, id: string): Promise<StoredRecord> {
  const stored = await store.read(id)
  assert.ok(stored, 'read() found no record')
  return stored
}

/** That the store holds under this id exactly this, or nothing. */
export async function assertHolds(
  store: SessionStore,
  id: string,
  record: SessionRecord | StoredRecord | null,
): Promise<void> {
  assert.deepEqual(kept(await store.read(id)), kept(record))
}

/** What a store gives back of a record, whatever else is in it. */
function kept(record: SessionRecord | StoredRecord | null): unknown {
  return record && { payload: record.payload, expiresAt: record.expiresAt.getTime() }
}

/** How many of several answers were true. */
export function countTrue(answers: readonly boolean[]): number {
  return answers.filter(Boolean).length
}

/** The answers of so many calls that are under way at the same time. */
export function atOnce<T>(calls: number, call: (n: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: calls }, (_, n) => call(n)))
}
