import { KeepsakeError } from '../../errors.ts'
import { type Awaitable, isPromise } from '../../waiting/awaitable.ts'
import type { DatabaseErrors, DriverError } from './dialect.ts'

/** With pauses that add up to a quarter of a second at most: a session layer's deadline is longer. */
const attempts = 6

/** The errors for what is in the statement. */
export interface Refusals {
  /** The database undid it every time. */
  conflict(detail: string, cause: DriverError): KeepsakeError
  /** The database takes nothing so large. */
  tooLarge?(cause: DriverError): KeepsakeError
}

const ofSessions: Refusals = {
  conflict: (detail, cause) => new KeepsakeError('SESSION_CONFLICT', detail, { cause }),
  tooLarge: cause => new KeepsakeError('SESSION_TOO_LARGE', cause.message, { cause }),
}

/**
 * Runs a statement again that the database undid because of a deadlock or a serialization failure, and says of a missing
 * table, or data that are too large, what to do about it.
 */
export function reliably<T>(errors: DatabaseErrors, run: () => Promise<T>, refusals?: Refusals): Promise<T>
export function reliably<T>(errors: DatabaseErrors, run: () => Awaitable<T>, refusals?: Refusals): Awaitable<T>
export function reliably<T>(
  errors: DatabaseErrors,
  run: () => Awaitable<T>,
  refusals: Refusals = ofSessions,
): Awaitable<T> {
  try {
    const result = run()
    return isPromise(result) ? result.catch(error => afterError(errors, run, refusals, error)) : result
  } catch (error) {
    return afterError(errors, run, refusals, error as DriverError)
  }
}

async function afterError<T>(
  errors: DatabaseErrors,
  run: () => Awaitable<T>,
  { conflict, tooLarge }: Refusals,
  first: DriverError,
): Promise<T> {
  let error = first
  for (let attempt = 1; ; attempt++) {
    if (errors.isMissing(error)) throw new KeepsakeError('TABLE_MISSING', '', { cause: error })
    if (tooLarge && errors.isTooLarge?.(error)) throw tooLarge(error)
    if (!errors.isRetryable(error)) throw error
    if (attempt === attempts) throw conflict(`the database gave up ${attempts} times`, error)
    await pause(attempt)
    try {
      return await run()
    } catch (thrown) {
      error = thrown as DriverError
    }
  }
}

/** At random, so that statements that collided once part ways. */
function pause(attempt: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.random() * 4 * 2 ** attempt))
}
