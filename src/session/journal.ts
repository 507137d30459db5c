import type { Contents } from './codec.ts'
import type { ExpiryChoice } from './expiry.ts'

/**
 * One change that a request made to a session, such that it can be made again on a newer record. What a request read is
 * not in the journal, and nothing that it left alone is written: that is why two requests both survive.
 */
export type Change = (contents: Contents) => void

export function setKey(key: string, value: unknown): Change {
  return ({ data }) => {
    data[key] = value
  }
}

export function deleteKey(key: string): Change {
  return ({ data }) => {
    delete data[key]
  }
}

/** `compute` gets the value as it is at that time, and may run again: it must be pure. */
export function updateKey(key: string, compute: (value: unknown) => unknown): Change {
  return ({ data }) => {
    data[key] = compute(Object.hasOwn(data, key) ? data[key] : undefined)
  }
}

/** Removes the data; who and when stay. */
export const clearData: Change = contents => {
  contents.data = {}
}

export function setUser(user: string | null): Change {
  return contents => {
    contents.meta = { ...contents.meta, user: user ?? undefined }
  }
}

/** The new choice counts from `now`: an idle timeout shorter than the time since the last renewal would else be over at once. */
export function chooseExpiry(expiry: ExpiryChoice | undefined, now: number): Change {
  return contents => {
    contents.meta = { ...contents.meta, expiry, seen: Math.max(contents.meta.seen, now) }
  }
}

/** Makes the changes in their order. */
export function replay(journal: readonly Change[], contents: Contents): void {
  for (const change of journal) change(contents)
}
