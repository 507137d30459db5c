/** A measurement, and the CPU of the bare framework beside it, in microseconds per request: how fast the machine was meanwhile. */
export interface Paced {
  readonly pace: number
}

/** The fastest pace that was seen for one line on one route. */
export interface Fastest {
  pace: number | undefined
}

/** By so much the bare framework may be slower than at its fastest for what was measured beside it to count at once. */
const tolerance = 1.1

/** A machine that is never quiet has to come to an end as well. */
const mostTries = 4

/**
 * Measures again while the machine is busy: a neighbour on its other threads slows all that runs by a third or more, for seconds.
 * It is the bare framework that tells, and not what is measured, so that nothing is chosen for being fast. If the machine stays
 * busy, the measurement counts that was made at the fastest pace. `isQuiet` tells which it was.
 */
export async function whenQuiet<T extends Paced>(
  measure: () => Promise<T>,
  fastest: Fastest,
): Promise<{ found: T; isQuiet: boolean }> {
  // Nothing is known of the pace before the first: that one takes all tries.
  const known = fastest.pace !== undefined
  let found: T | undefined
  for (let tries = 0; tries < mostTries; tries++) {
    const next = await measure()
    fastest.pace = Math.min(fastest.pace ?? next.pace, next.pace)
    if (!found || next.pace < found.pace) found = next
    if (known && isNear(found, fastest)) break
  }
  if (!found) throw new Error('nothing was measured')
  return { found, isQuiet: isNear(found, fastest) }
}

function isNear({ pace }: Paced, fastest: Fastest): boolean {
  return pace <= (fastest.pace ?? pace) * tolerance
}
