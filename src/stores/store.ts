/** The values by which records can be found: `userId`, and what the `index` option computes. Never secret. */
export type IndexValues = Readonly<Record<string, string>>

/** What a store keeps under an id. It is opaque to the store, except for when it may be thrown away and how it is found. */
export interface SessionRecord {
  /** The session's data and facts as text, written by the codec. */
  readonly payload: string
  readonly createdAt: Date
  /** When the record may be thrown away. A store need not act on it: the session layer checks expiry at every read. */
  readonly expiresAt: Date
  readonly index: IndexValues
}

/** A record as it was read. */
export interface StoredRecord {
  readonly payload: string
  readonly expiresAt: Date
  /** Names exactly this state of the record. Another state under the same id, earlier or later, has another version. */
  readonly version: string
}

/**
 * Where records rest. A store sees an id, text, an expiry and index values; never a token, a session, a request or a cookie.
 *
 * An id is 43 characters of base64url, the hash of a secret, and safe to show. Every method rejects if, and only if, the
 * store cannot tell or cannot do it; absence is an answer, not an error. When a promise resolves, the change is as
 * durable as this store makes anything, and every later call, from any process, sees it.
 *
 * `describeSessionStore` of `keepsake/testing` is this text as a test suite.
 */
export interface SessionStore {
  /** The record under this id, with a version to replace it by; null if there is none. May return an expired one: the engine decides. */
  read(id: string): Promise<StoredRecord | null>
  /** Stores a new record. False, and nothing changed, if the id is taken. */
  create(id: string, record: SessionRecord): Promise<boolean>
  /**
   * Stores over exactly the record that was read, under the same id or a new one (rotation): the old id is then gone.
   * False, and nothing changed, if that record is gone, newer or being changed, or if the new id is taken: read again to learn which.
   */
  replace(was: { id: string; version: string }, id: string, record: SessionRecord): Promise<boolean>
  /** Removes the record. Removing an absent one is not an error. */
  delete(id: string): Promise<void>
}

/** A record found by an index value. */
export interface IndexedRecord extends StoredRecord {
  readonly id: string
}

/** A store that finds records by an index value. With one, sessions can be listed and revoked by user. */
export interface SessionIndex {
  /** Each record whose index has this value under this name, in no particular order; expired ones may be among them. */
  find(name: string, value: string): AsyncIterable<IndexedRecord>
  /** Removes what `find` would yield, but for the record `except`, and tells how many there were. */
  deleteBy(name: string, value: string, options?: { except?: string | undefined }): Promise<number>
}

/** A store that does not forget by itself, and must be swept. */
export interface ExpirySweep {
  /** Removes at most `limit` records that expired at `now` or earlier, never another, and tells how many. Less than `limit` means that none is left. */
  deleteExpired(now: Date, options: { limit: number }): Promise<number>
}
