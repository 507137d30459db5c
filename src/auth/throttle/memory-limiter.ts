import type { Count, CountOptions, ThrottleLimiter } from './limiter.ts'

interface Counter {
  count: number
  readonly endsAt: number
}

/** More than this are not kept: who can afford so many addresses is not stopped by counters in one process. */
const mostCounters = 100_000

/** Counters in this process: for one that runs alone. */
export function memoryLimiter(now: () => number): ThrottleLimiter {
  return new MemoryLimiter(now)
}

class MemoryLimiter implements ThrottleLimiter {
  readonly #counters = new Map<string, Counter>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  async penalty(key: string, points: number, { customDuration }: CountOptions): Promise<Count> {
    const counter = this.#live(key) ?? this.#begin(key, customDuration)
    counter.count += points
    return this.#told(counter)
  }

  async reward(key: string, points: number): Promise<void> {
    const counter = this.#live(key)
    if (counter) counter.count -= points
  }

  async get(key: string): Promise<Count | null> {
    const counter = this.#live(key)
    return counter ? this.#told(counter) : null
  }

  async delete(key: string): Promise<void> {
    this.#counters.delete(key)
  }

  #live(key: string): Counter | null {
    const counter = this.#counters.get(key)
    return counter && counter.endsAt > this.#now() ? counter : null
  }

  #begin(key: string, seconds: number): Counter {
    if (this.#counters.size >= mostCounters) this.#makeRoom()
    const counter = { count: 0, endsAt: this.#now() + seconds * 1000 }
    this.#counters.set(key, counter)
    return counter
  }

  /** Drops what has ended, and the oldest tenth, so that this is seldom done. */
  #makeRoom(): void {
    let tooMany = mostCounters / 10
    for (const [key, { endsAt }] of this.#counters) {
      if (tooMany-- > 0 || endsAt <= this.#now()) this.#counters.delete(key)
    }
  }

  #told({ count, endsAt }: Counter): Count {
    return { consumedPoints: count, msBeforeNext: endsAt - this.#now() }
  }
}
