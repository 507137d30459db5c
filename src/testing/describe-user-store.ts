import type { UserGroups, UserStore } from '../auth/users/user-store.ts'
import { runnerOf, type TestRunner } from './runner.ts'
import { tellOfRaces } from './user-store-contract/races.ts'
import type { UserSuite } from './user-store-contract/suite.ts'
import { tellOfTexts } from './user-store-contract/texts.ts'
import { tellOfUserGroups } from './user-store-contract/user-groups.ts'
import { tellOfUserList } from './user-store-contract/user-list.ts'
import { tellOfUserStore } from './user-store-contract/user-store.ts'
import { tellOfUserUpdate } from './user-store-contract/user-update.ts'

/** What the suite is to test beyond users, and with what. */
export interface UserStoreSuiteOptions<Store extends UserStore> extends Partial<TestRunner> {
  /** Whether the store keeps groups and permissions. @default false */
  readonly groups?: Store extends UserGroups ? boolean : false
  /** Runs after each test, with its store. A store that all tests share is closed by the runner's own `afterAll`. */
  readonly close?: (store: Store) => unknown
}

/**
 * The contract of `UserStore` as a test suite, for any test runner: each sentence of its comments is a test, and the races that
 * they imply are too. `createStore` is called for each test; it may give the same store each time. The suite makes users of its
 * own and leaves them behind: give it a database that nobody needs.
 *
 * @example
 * import { describeUserStore } from 'keepsake/testing'
 * import { describe, it } from 'vitest'
 *
 * describeUserStore('our users', () => ourUsers(pool), { describe, it })
 */
export function describeUserStore<Store extends UserStore>(
  name: string,
  createStore: () => Store | Promise<Store>,
  options: UserStoreSuiteOptions<Store> = {},
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
  const suite = { group: describe, story } as unknown as UserSuite<UserStore & UserGroups>
  describe(`${name} keeps the contract`, () => {
    describe('UserStore', () => {
      tellOfUserStore(suite)
      tellOfUserUpdate(suite)
      tellOfUserList(suite)
      tellOfTexts(suite)
    })
    describe('UserStore, with many callers at the same time', () => tellOfRaces(suite))
    if (options.groups) describe('UserGroups', () => tellOfUserGroups(suite))
  })
}
