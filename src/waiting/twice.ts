import { isKeepsakeError } from '../errors.ts'
import type { Awaitable } from './awaitable.ts'

/**
 * Asks again, once, for what changes nothing: drivers give up what was under way when a connection breaks, and the next one may be
 * sound. What was found to be wrong stays so.
 */
export async function twice<T>(ask: () => Awaitable<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (isKeepsakeError(error)) throw error
    return ask()
  }
}
