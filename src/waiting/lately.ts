/** Long enough for the requests that a page sends at once; short enough that what came to nothing is soon tried again. */
const forMs = 10_000
/** So that what is remembered stays small: to do something twice is no fault. */
const atMost = 1000

/** Remembers for ten seconds what was begun, so that requests that come together need not all do it. */
export class Lately {
  readonly #begun = new Map<string, number>()

  /** Whether nobody has asked this about the same key in the last ten seconds. `now` in ms. */
  isFirst(key: string, now: number): boolean {
    const begun = this.#begun.get(key)
    if (begun !== undefined && Math.abs(now - begun) < forMs) return false
    this.#begun.delete(key)
    this.#begun.set(key, now)
    const [oldest = ''] = this.#begun.keys()
    if (this.#begun.size > atMost) this.#begun.delete(oldest)
    return true
  }
}
