import type { ExpirySweep } from './stores/store.ts'
import { type Duration, durationMs } from './values/duration.ts'

/** How far one sweep goes, and who hears of it. */
export interface SweepOptions {
  /** Called after each batch with the number of records removed so far. */
  readonly onProgress?: (removed: number) => void
  /** Stops after about this many records: the last batch is made as small as is left. @default no limit */
  readonly maxRecords?: number
  /** Stops after the batch during which this much time has passed. @default no limit */
  readonly maxTime?: Duration
  /** Stops after the batch during which it is aborted. */
  readonly signal?: AbortSignal
}

/** Large enough that few calls are needed, small enough that no other request waits long for one. */
const batch = 1000

/**
 * Removes the records of expired sessions, batch by batch, and tells how many. It can be stopped after any batch, and run by
 * several processes at once. Between batches, requests have their turn.
 */
export async function sweep(
  deleteExpired: ExpirySweep['deleteExpired'],
  now: () => number,
  { onProgress, maxRecords = Number.POSITIVE_INFINITY, maxTime, signal }: SweepOptions,
): Promise<number> {
  const deadline = performance.now() + (maxTime ? durationMs(maxTime, 'maxTime') : Number.POSITIVE_INFINITY)
  let removed = 0
  while (removed < maxRecords && performance.now() < deadline && !signal?.aborted) {
    const limit = Math.min(batch, maxRecords - removed)
    const count = await deleteExpired(new Date(now()), { limit })
    removed += count
    if (count > 0) onProgress?.(removed)
    if (count < limit) break
    await new Promise(resolve => setTimeout(resolve))
  }
  return removed
}
