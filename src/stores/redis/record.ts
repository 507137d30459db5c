import { randomUUID } from 'node:crypto'
import type { IndexValues, SessionRecord, StoredRecord } from '../store.ts'

/**
 * A record lives a minute longer than its session: machines whose clocks differ by less agree on who is logged in, and an
 * ended session can be told from an unknown one.
 */
const graceMs = 60_000

/** Where the id begins, after a version of 36 characters, and the expiry, after an id of 43. */
const [idAt, expiryAt] = [37, 81]

/** How long a new id is kept for the one who is about to store a record under it. Longer than any deadline. */
const reservationMs = 60_000

/** What is written under a record's key. */
export interface RedisValue {
  readonly text: string
  readonly version: string
  /** How long Redis is to keep it. A length, not a date, since the server's clock may be another one. */
  readonly ttl: string
  /** The index values, each as the text by which its key ends. */
  readonly terms: readonly string[]
}

/**
 * A record is one text, `<version> <id> <expiry> <terms> <payload>`: one GET reads all of it, and a script compares its first
 * 37 bytes and parses nothing. The version is random, so that a command that was sent twice knows its own work, and
 * a record that was removed and made again is never taken for the one that was read.
 */
export function valueFor(id: string, { payload, expiresAt, index }: SessionRecord): RedisValue {
  const version = randomUUID()
  const terms = termsOf(index)
  const end = expiresAt.getTime()
  // Among others it would spoil the command of them all.
  if (Number.isNaN(end)) throw new RangeError('expiresAt is an Invalid Date')
  const ttl = Math.max(0, end - Date.now()) + graceMs
  const text = `${version} ${id} ${end} ${terms.join(',')} ${payload}`
  return { text, version, ttl: String(ttl), terms }
}

/** Holds an id, and its place in the index, for a record that is about to come. Reads as no record. */
export function reservationFor(id: string, { terms }: RedisValue): RedisValue {
  const version = randomUUID()
  return { text: `${version} ${id} - ${terms.join(',')} `, version, ttl: String(reservationMs), terms }
}

/**
 * The record in a text; null if it is none. Throws for the record of another id: a client whose replies have come out of
 * step must not log one visitor in as another (CVE-2023-28858).
 */
export function recordIn(text: string, id: string): StoredRecord | null {
  // By where the blanks are: a regular expression took twice as long, for each request.
  const endOfExpiry = text.indexOf(' ', expiryAt)
  const endOfTerms = text.indexOf(' ', endOfExpiry + 1)
  if (text[idAt - 1] !== ' ' || text[expiryAt - 1] !== ' ' || endOfExpiry <= expiryAt || endOfTerms === -1) return null
  const expiry = Number(text.slice(expiryAt, endOfExpiry))
  // A reservation has none.
  if (Number.isNaN(expiry)) return null
  const owner = text.slice(idAt, expiryAt - 1)
  if (owner !== id) throw new Error(`Redis was asked for session ${id} and answered with ${owner}`)
  return { payload: text.slice(endOfTerms + 1), version: text.slice(0, idAt - 1), expiresAt: new Date(expiry) }
}

/** An index value as a text that has no character of those that part keys and records: blank, comma, colon, brace. */
export function termOf(name: string, value: string): string {
  return `${encodeURIComponent(name)}:${encodeURIComponent(value)}`
}

/** Whether the record in a text was stored with this index value. */
export function hasTerm(text: string, term: string): boolean {
  const [, terms = ''] = /^\S+ \S+ \S+ (\S*) /.exec(text) ?? []
  return terms.split(',').includes(term)
}

function termsOf(index: IndexValues): string[] {
  return Object.keys(index).map(name => termOf(name, index[name] as string))
}
