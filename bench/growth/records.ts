import { hash } from 'node:crypto'
import type { SessionRecord } from '../../src/stores/store.ts'

const dayMs = 86_400_000

/** So many sessions belong to one user, whatever the number of records. */
export const sessionsPerUser = 10

/** The id of the record with this number: a hash, as ids are, so that neighbours lie apart in every index. */
export function idOf(number: number): string {
  return hash('sha256', String(number), 'base64url')
}

export function userOf(number: number): string {
  return `user-${Math.floor(number / sessionsPerUser)}`
}

/** The text of a record, the same length for each. Made as the codec makes it: a text put together by V8 would weigh more. */
export function payloadOf(number: number): string {
  const user = String(number).padStart(8, '0')
  return JSON.stringify({ v: 1, d: { user, visits: 1, note: 'x'.repeat(80) }, m: { created: began, seen: began } })
}

/** When the records began: one moment, so that every way to fill a store writes the same. */
export const began: number = Date.now()
/** When they end: over the next 14 days, as those of a site that is in use. */
export const lifeMs: number = 14 * dayMs

export function recordOf(number: number, expiresAt: number = began + dayMs + (number % lifeMs)): SessionRecord {
  return {
    payload: payloadOf(number),
    createdAt: new Date(began),
    expiresAt: new Date(expiresAt),
    index: { userId: userOf(number) },
  }
}
