import type { Opened } from './engine.ts'

/** What was opened, with the version that engines of cookies always know. */
export type OpenedCookie = Opened & { readonly version: string }

/** What a span keeps, in bytes; there are two. */
const mostBytes = 2 * 1024 * 1024
const spanMs = 5000

/** About what an entry takes beside its texts. */
const overhead = 500

/** So much of a value's end is as good as random, since it is of its tag. To hash all of it takes eight times as long. */
const keyLength = 32

/** Of how many values it is known that they came once. */
const mostOnce = 1024

/**
 * What the cookie values of the last seconds led to. A page sends its cookie with every request, so many values come again at
 * once, and to open one again costs more than all else that a request does. An entry is used for at least five seconds, if
 * there is room, and less than ten. What is older is dropped at the next call: until then it stays in memory, and no longer
 * serves. Both spans together have 4 MB.
 */
// A value is kept when it comes the second time: those of many visitors in turn, and those that each answer issues, mostly do not,
// and what is kept for seconds costs the garbage collector as much as opening it.
export class LatelyOpened {
  readonly #now: () => number
  // Hashes, each where its last bits say. Of a table that grows, the old ones outlive the next collections of garbage.
  readonly #once = new Int32Array(mostOnce)
  #young = new Map<string, OpenedCookie>()
  #old = new Map<string, OpenedCookie>()
  #bytes = 0
  /** The number of the span in which the young ones are kept. */
  #span = 0

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  get(value: string): OpenedCookie | undefined {
    this.#age()
    const key = value.slice(-keyLength)
    const opened = this.#young.get(key) ?? this.#old.get(key)
    return opened?.cookieValue === value ? opened : undefined
  }

  set(opened: OpenedCookie): void {
    this.#age()
    const { cookieValue, payload } = opened
    if (this.#isFirst(cookieValue)) return
    // A text with one character beyond Latin-1 takes two bytes for each.
    const bytes = overhead + cookieValue.length + 2 * payload.length
    if (bytes > mostBytes) return
    if (this.#bytes + bytes > mostBytes) this.#turnOver()
    this.#bytes += bytes
    this.#young.set(cookieValue.slice(-keyLength), opened)
  }

  #isFirst(value: string): boolean {
    let hash = 0
    for (const character of value.slice(-8)) hash = Math.imul(hash, 31) + character.charCodeAt(0)
    const place = hash & (mostOnce - 1)
    const isFirst = this.#once[place] !== hash
    this.#once[place] = hash
    return isFirst
  }

  #age(): void {
    const span = Math.floor(this.#now() / spanMs)
    if (span === this.#span) return
    this.#turnOver()
    if (span !== this.#span + 1) this.#old.clear()
    this.#span = span
  }

  #turnOver(): void {
    this.#old = this.#young
    this.#young = new Map()
    this.#bytes = 0
  }
}
