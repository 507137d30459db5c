import { isKeepsakeError, KeepsakeError } from '../errors.ts'
import type { Engine } from './engine.ts'

/**
 * What the store answers, or an error with status 503 when it fails or the deadline passes: a broken store is neither an
 * anonymous visitor nor a request that hangs. The late answer of a store is ignored.
 */
export async function withinDeadline<T>(answer: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new KeepsakeError('STORE_TIMEOUT', `waited ${deadlineMs} ms`)),
      deadlineMs,
    )
  })
  try {
    return await Promise.race([answer, late])
  } catch (error) {
    throw isKeepsakeError(error) ? error : new KeepsakeError('STORE_FAILED', '', { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

/** The same engine, with a deadline on every call. */
export function withDeadline(engine: Engine, deadlineMs: number): Engine {
  return {
    open: value => withinDeadline(engine.open(value), deadlineMs),
    reopen: opened => withinDeadline(engine.reopen(opened), deadlineMs),
    commit: step => withinDeadline(engine.commit(step), deadlineMs),
    destroy: opened => withinDeadline(engine.destroy(opened), deadlineMs),
  }
}
