import { KeepsakeError } from '../../errors.ts'
import type { DatabaseErrors, DriverError } from './dialect.ts'

/** With pauses that add up to a quarter of a second at most: a session layer's deadline is longer. */
const attempts = 6

/**
 * Runs a statement again that the database undid because of a deadlock or a serialization failure, and says of a missing
 * table what to do about it. `conflict` makes the error for when the database undid it every time.
 */
export async function reliably<T>(
  errors: DatabaseErrors,
  run: () => Promise<T>,
  conflict: (detail: string, cause: DriverError) => KeepsakeError = sessionConflict,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (thrown) {
      const error = thrown as DriverError
      if (errors.isMissing(error)) throw new KeepsakeError('TABLE_MISSING', '', { cause: error })
      if (!errors.isRetryable(error)) throw error
      if (attempt === attempts) throw conflict(`the database gave up ${attempts} times`, error)
      await pause(attempt)
    }
  }
}

function sessionConflict(detail: string, cause: DriverError): KeepsakeError {
  return new KeepsakeError('SESSION_CONFLICT', detail, { cause })
}

/** At random, so that statements that collided once part ways. */
function pause(attempt: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.random() * 4 * 2 ** attempt))
}
