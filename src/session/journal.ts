import type { Contents } from './codec.ts'

/**
 * One change that a request made to a session, such that it can be made again on a newer record: it gets the data and facts
 * as they are then. What a request read is not in the journal, and nothing that it left alone is written: that is why two
 * requests that change one session both survive.
 */
export type Change = (contents: Contents) => void

/** Makes the changes in their order. */
export function replay(journal: readonly Change[], contents: Contents): void {
  for (const change of journal) change(contents)
}
