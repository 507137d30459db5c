import type { ExpirySweep, SessionIndex, SessionStore } from '../stores/store.ts'
import { runnerOf, type TestRunner } from './runner.ts'
import { tellOfExpirySweep } from './store-contract/expiry-sweep.ts'
import { tellOfRaces } from './store-contract/races.ts'
import { tellOfSessionIndex } from './store-contract/session-index.ts'
import { tellOfSessionStore } from './store-contract/session-store.ts'
import { tellOfStoredRecord } from './store-contract/stored-record.ts'
import type { Suite } from './store-contract/suite.ts'

/** What the suite is to test beyond the four verbs, and with what. */
export interface SessionStoreSuiteOptions<Store extends SessionStore> extends Partial<TestRunner> {
  /** Whether the store finds records by index value; tests `userId`. @default false */
  readonly index?: Store extends SessionIndex ? boolean : false
  /** Whether the store must be swept. @default false */
  readonly sweep?: Store extends ExpirySweep ? boolean : false
  /** Runs after each test, with its store. A store that all tests share is closed by the runner's own `afterAll`. */
  readonly close?: (store: Store) => unknown
}

/**
 * The contract of `SessionStore` as a test suite, for any test runner: each sentence of its comments is a test, and the races
 * that they imply are too. `createStore` is called for each test; it may give the same store each time, and one that others
 * use: the suite makes ids and users of its own, and leaves records behind that expire within the hour.
 *
 * @example
 * import { describeSessionStore } from 'keepsake/testing'
 * import { describe, it } from 'vitest'
 *
 * describeSessionStore('my store', () => myStore(client), { describe, it, index: true })
 */
export function describeSessionStore<Store extends SessionStore>(
  name: string,
  createStore: () => Store | Promise<Store>,
  options: SessionStoreSuiteOptions<Store> = {},
): void {
  const { describe, it } = runnerOf(options)
  const story = (title: string, run: (store: Store) => Promise<void>): unknown =>
    it(title, async () => {
      const store = await createStore()
      try {
        await run(store)
      } finally {
        await options.close?.(store)
      }
    })
  // The types of the options let nobody ask for a part that the store does not have.
  const suite = { group: describe, story } as unknown as Suite<SessionStore & SessionIndex & ExpirySweep>
  describe(`${name} keeps the contract`, () => {
    describe('SessionStore', () => {
      tellOfStoredRecord(suite)
      tellOfSessionStore(suite)
    })
    describe('SessionStore, with many callers at the same time', () => tellOfRaces(suite))
    if (options.index) describe('SessionIndex', () => tellOfSessionIndex(suite))
    if (options.sweep) describe('ExpirySweep', () => tellOfExpirySweep(suite))
  })
}
