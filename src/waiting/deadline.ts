import { isKeepsakeError, KeepsakeError } from '../errors.ts'
import { type Awaitable, isPromise } from './awaitable.ts'
import { Line, type Standing } from './line.ts'
import { requestsShareNothing } from './runtime.ts'

/** A call of the store that is not answered yet. */
interface Call extends Standing<Call> {
  /** The look at which it is given up. */
  due: number
  readonly reject: (error: KeepsakeError) => void
  /** Its own timer, where one cannot watch all calls. */
  timer: ReturnType<typeof setTimeout> | undefined
}

/** After so many calls in a row that got no answer, a store is taken to hang. */
const silenceLimit = 5

/** How often it is looked within one deadline whether calls are due. */
const looksPerDeadline = 10

/** In ms. Node takes a longer interval for one of 1 ms. */
const longestInterval = 2 ** 31 - 1

/**
 * A deadline for every call of a store: a broken store is neither an anonymous visitor nor a request that hangs. Errors of
 * the store, and answers that do not come, become errors with status 503; a late answer is ignored.
 *
 * It is a circuit breaker too: while a store hangs, one call per deadline is let through to see whether it is back, and the
 * others fail at once, so that requests and connections do not pile up behind it. Any answer, a late one too, ends that.
 *
 * One timer watches all calls: a timer for each would cost more than a read from memory. It looks every tenth of the
 * deadline, so a call is given up at most that much late. Time is counted in looks: however long the program keeps the process
 * busy, it is one look, since a call that waited to be sent meanwhile is no silence of the store.
 */
export class Deadline {
  readonly #ms: number
  /** The oldest come first. */
  readonly #calls = new Line<Call>()
  #timer: ReturnType<typeof setInterval> | undefined
  #looks = 0
  /** How many calls in a row got no answer. */
  #silences = 0
  #nextTry = 0

  constructor(ms: number) {
    this.#ms = ms
  }

  /**
   * What the store answers, or what `use` makes of it. Rejects with `STORE_FAILED`, the store's error as its `cause`, or with
   * `STORE_TIMEOUT`.
   */
  within<T>(ask: () => Promise<T>): Promise<T>
  within<T, R>(ask: () => Promise<T>, use: (answer: T) => R): Promise<R>
  /** What is there at once needs no deadline. */
  within<T>(ask: () => Awaitable<T>): Awaitable<T>
  within<T, R>(ask: () => Awaitable<T>, use: (answer: T) => R): Awaitable<R>
  within<T, R>(ask: () => Awaitable<T>, use = (answer: T) => answer as unknown as R): Awaitable<R> {
    if (this.#silences >= silenceLimit && !this.#isTimeToTry()) {
      return Promise.reject(new KeepsakeError('STORE_TIMEOUT', `the last ${this.#silences} calls got no answer`))
    }
    try {
      const answer = ask()
      if (isPromise(answer)) return this.#wait(answer, use)
      // It tells nothing of a store that others wait for: the next one may try.
      this.#nextTry = 0
      return use(answer)
    } catch (error) {
      return Promise.reject(asStoreError(error))
    }
  }

  #wait<T, R>(answer: Promise<T>, use: (answer: T) => R): Promise<R> {
    return new Promise((resolve, reject) => {
      const call: Call = { due: 0, reject, timer: undefined, before: null, after: null }
      this.#watch(call)
      answer.then(
        value => {
          this.#answered(call)
          try {
            resolve(use(value))
          } catch (error) {
            reject(asStoreError(error))
          }
        },
        error => {
          this.#answered(call)
          reject(asStoreError(error))
        },
      )
    })
  }

  #isTimeToTry(): boolean {
    const now = performance.now()
    if (now < this.#nextTry) return false
    this.#nextTry = now + this.#ms
    return true
  }

  #watch(call: Call): void {
    const isFirst = !this.#calls.first
    this.#calls.join(call)
    // One request's timer would end with it, and leave the calls of others unwatched.
    if (requestsShareNothing) {
      call.timer = setTimeout(() => this.#giveUp(call), this.#ms)
      return
    }
    // Until the next look of a timer that runs already, less than a tenth passes.
    call.due = this.#looks + looksPerDeadline + (this.#timer ? 1 : 0)
    this.#timer ??= setInterval(() => this.#look(), Math.min(Math.ceil(this.#ms / looksPerDeadline), longestInterval))
    if (isFirst) this.#timer.ref()
  }

  #answered(call: Call): void {
    this.#silences = 0
    this.#forget(call)
  }

  /** A timer that watches nothing does not keep the process running. */
  #forget(call: Call): void {
    this.#calls.leave(call)
    clearTimeout(call.timer)
    if (!this.#calls.first) this.#timer?.unref()
  }

  #giveUp(call: Call): void {
    this.#forget(call)
    this.#silences++
    call.reject(new KeepsakeError('STORE_TIMEOUT', `waited ${this.#ms} ms`))
  }

  #look(): void {
    this.#looks++
    for (let call = this.#calls.first; call && call.due <= this.#looks; call = this.#calls.first) this.#giveUp(call)
    if (this.#calls.first) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

function asStoreError(error: unknown): KeepsakeError {
  return isKeepsakeError(error) ? error : new KeepsakeError('STORE_FAILED', '', { cause: error })
}
