import type { TestRunner } from '../runner.ts'

/** How a part of the contract is told: groups of stories, each on a store of its own (or a shared one). */
export interface UserSuite<Store> {
  readonly group: TestRunner['describe']
  readonly story: (name: string, run: (store: Store) => Promise<void>) => void
}
