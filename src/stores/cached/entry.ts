import type { SessionRecord, StoredRecord } from '../store.ts'

/** What the cache keeps: what the store said, so that a version from the cache can be replaced in the store. */
export interface Entry {
  readonly record: StoredRecord
  /** The time in ms before which the store was not asked. */
  readonly fetchedAt: number
}

/** An entry as a record of the cache, which need not keep it longer than it is trusted. */
export function entryRecord({ record, fetchedAt }: Entry, maxStaleMs: number): SessionRecord {
  const { version, expiresAt, payload } = record
  const head = JSON.stringify([version, expiresAt.getTime(), fetchedAt])
  return cacheRecord(`${head}\n${payload}`, fetchedAt, maxStaleMs)
}

/** Says only that somebody is about to ask the store. What was put in its place is newer than its making. */
export function leaseRecord(now: number, maxStaleMs: number): SessionRecord {
  return cacheRecord('lease', now, maxStaleMs)
}

const closed = 'closed'

/** Says that the record is about to get another id: nothing is kept under this one until that is done. */
export function closedRecord(now: number, maxStaleMs: number): SessionRecord {
  return cacheRecord(closed, now, maxStaleMs)
}

/** Whether this is what `closedRecord` made, and not by somebody who died since. */
export function isClosed({ payload, expiresAt }: StoredRecord, now: number): boolean {
  return payload === closed && now < expiresAt.getTime()
}

function cacheRecord(payload: string, now: number, maxStaleMs: number): SessionRecord {
  return { payload, createdAt: new Date(now), expiresAt: new Date(now + maxStaleMs), index: {} }
}

/** The entry in a record of the cache; null if it is a lease, closed, or nothing of ours. */
export function readEntry(text: string): Entry | null {
  const end = text.indexOf('\n')
  if (end === -1) return null
  const [version, expiresAt, fetchedAt] = parseHead(text.slice(0, end))
  if (typeof version !== 'string' || typeof expiresAt !== 'number' || typeof fetchedAt !== 'number') return null
  const record = { version, expiresAt: new Date(expiresAt), payload: text.slice(end + 1) }
  return { record, fetchedAt }
}

function parseHead(text: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}
