/** Enough for the visitors of a busy server in that time; about 4 MB of long cookies. */
const most = 500
const forMs = 5000

/**
 * What the cookie values of the last seconds led to. A page sends its cookie with every request, so most values come again at
 * once, and to open one again costs more than all else that a request does. Nothing is kept here for longer than ten seconds.
 */
export class LatelyOpened<T> {
  #young = new Map<string, T>()
  #old = new Map<string, T>()
  #since = performance.now()

  get(value: string): T | undefined {
    this.#age()
    return this.#young.get(value) ?? this.#old.get(value)
  }

  set(value: string, opened: T): void {
    this.#age()
    this.#young.set(value, opened)
  }

  #age(): void {
    const now = performance.now()
    if (this.#young.size < most && now - this.#since < forMs) return
    // What has not been asked for in a whole span may stand in neither.
    this.#old = now - this.#since < 2 * forMs ? this.#young : new Map()
    this.#young = new Map()
    this.#since = now
  }
}
