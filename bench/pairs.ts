import type { Slice } from './slice.ts'
import { quantile } from './statistics.ts'

/** A line and the bare framework, one right after the other, sent the same requests. */
export interface Pair {
  readonly own: Slice
  readonly bare: Slice
}

/**
 * How much more CPU a line needs than the bare framework, as a share of what that needs. A neighbour on the machine's other
 * threads slows all that runs by half, for seconds; both slices of a pair are over in a quarter of one, so that their ratio
 * does not change with it. What it struck in between are the outer quarters of the ratios, which do not count; those in which
 * old garbage happened to be collected are among them, for every line alike.
 */
export function shareAbove(pairs: readonly Pair[]): number {
  return middleMean(pairs.map(({ own, bare }) => cpuEach(own) / cpuEach(bare))) - 1
}

/** How fast the bare framework is while no neighbour slows it: what the fastest eighth of its slices needed at most, in microseconds per request. */
export function quietPace(pairs: readonly Pair[]): number {
  return quantile(
    pairs.map(({ bare }) => cpuEach(bare)),
    1 / 8,
  )
}

/** The mean of the middle half: as little moved by single values as the median, and not as coarse. */
function middleMean(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const left = sorted.length >> 2
  const middle = sorted.slice(left, sorted.length - left)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}

/** CPU in microseconds per request. */
function cpuEach({ cpu, requests }: Slice): number {
  return cpu / requests
}
