import type { ExpirySweep, SessionStore } from '../store.ts'

export type Cache = SessionStore & Partial<ExpirySweep>

/** How long one call of the cache may take, and how long the cache is left alone after one that failed or took longer. */
const [deadlineMs, restMs] = [100, 1000]

/** A cache that may be down, slow or gone at any time. That is never an error: then there is no answer, and there is the store. */
export class FrailCache {
  readonly #cache: Cache
  readonly #now: () => number
  readonly #warn: (warning: string) => void
  #failing = false
  #answersSince = Number.NEGATIVE_INFINITY
  #restsUntil = Number.NEGATIVE_INFINITY

  constructor(cache: Cache, now: () => number, warn: (warning: string) => void) {
    this.#cache = cache
    this.#now = now
    this.#warn = warn
  }

  /** When it answered again after it last did not. What was to be removed before may still be there. */
  get answersSince(): number {
    return this.#answersSince
  }

  /** What the cache answers; undefined if it does not. */
  async ask<T>(call: (cache: Cache) => Promise<T>): Promise<T | undefined> {
    if (this.#now() < this.#restsUntil) return undefined
    // After a rest one call tries, and the others go on without until it has come back.
    if (this.#failing) this.#rest()
    return this.#call(call, () => this.#recover())
  }

  /** The same, also while the cache is left alone, which goes on: for what must not be left undone if it can be done. */
  insist<T>(call: (cache: Cache) => Promise<T>): Promise<T | undefined> {
    return this.#call(call)
  }

  async #call<T>(call: (cache: Cache) => Promise<T>, recover?: () => void): Promise<T | undefined> {
    try {
      const answer = await inTime(call(this.#cache))
      if (this.#failing) recover?.()
      return answer
    } catch (error) {
      if (!this.#failing) this.#warn(`Keepsake: the session cache fails, the store is read instead: ${error}`)
      this.#failing = true
      this.#rest()
      return undefined
    }
  }

  #recover(): void {
    this.#failing = false
    this.#answersSince = this.#now()
    this.#restsUntil = Number.NEGATIVE_INFINITY
  }

  #rest(): void {
    this.#restsUntil = this.#now() + restMs
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
