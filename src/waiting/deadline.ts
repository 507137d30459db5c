import { isKeepsakeError, KeepsakeError } from '../errors.ts'

/** A call of the store that is not answered yet. */
interface Call {
  readonly due: number
  readonly giveUp: () => void
}

/**
 * A deadline for every call of a store: a broken store is neither an anonymous visitor nor a request that hangs. Errors of
 * the store, and answers that do not come, become errors with status 503; a late answer is ignored.
 *
 * One timer watches all calls, since a timer for each would cost more than a read from memory does. It looks every tenth of
 * the deadline, so a call is given up at most that much late.
 */
export class Deadline {
  readonly #ms: number
  readonly #calls = new Set<Call>()
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(ms: number) {
    this.#ms = ms
  }

  /** What the store answers. Rejects with `STORE_FAILED`, the store's error as its `cause`, or with `STORE_TIMEOUT`. */
  within<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(new KeepsakeError('STORE_TIMEOUT', `waited ${this.#ms} ms`))
      const call = { due: performance.now() + this.#ms, giveUp }
      this.#watch(call)
      answer.then(
        value => {
          this.#forget(call)
          resolve(value)
        },
        error => {
          this.#forget(call)
          reject(isKeepsakeError(error) ? error : new KeepsakeError('STORE_FAILED', '', { cause: error }))
        },
      )
    })
  }

  #watch(call: Call): void {
    this.#calls.add(call)
    this.#timer ??= setInterval(() => setImmediate(() => this.#look()), Math.max(1, this.#ms / 10))
    if (this.#calls.size === 1) this.#timer.ref()
  }

  /** A timer that watches nothing does not keep the process running. */
  #forget(call: Call): void {
    this.#calls.delete(call)
    if (this.#calls.size === 0) this.#timer?.unref()
  }

  /** After the answers that came while the process was busy: a stall of ours is no silence of the store. */
  #look(): void {
    const now = performance.now()
    for (const call of this.#calls) {
      // The oldest come first.
      if (call.due > now) break
      this.#forget(call)
      call.giveUp()
    }
    if (this.#calls.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
