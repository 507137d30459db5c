import type { KeyObject } from 'node:crypto'
import { deriveKey } from './derive-key.ts'
import { type KeyRing, keysOf, type RingKey } from './key-ring.ts'
import { labels } from './labels.ts'

/** A series of values under one key. */
export interface Series {
  /** What each of its values begins with. */
  readonly head: string
  readonly key: KeyObject
  /** Whether the key is derived from the first secret of the ring. */
  readonly current: boolean
}

/** `v1.`, a key id of 8 characters, a dot, a series of 16, a dot. */
const headShape = /^v1\.([\w-]{8})\.([\w-]{16})\.$/
export const headLength = 29

const seriesBytes = 12
/** After this many values a sealer begins a new series: a nonce then repeats under a key with a chance of 2^-53. */
const seriesLength = 2 ** 22
/** The keys of this many series are remembered, each of some 300 bytes. */
const mostRemembered = 1000

/**
 * Keys for sealing under one purpose and name. Each process seals under a key of its own, derived from the secret and a random
 * series number that stands in the value, so that no number of processes, restarts and years uses up the nonces of one
 * key (decision 016). Deriving takes longer than opening does, so keys are remembered.
 */
export class SeriesKeys {
  readonly #ringKeys: ReadonlyMap<string, RingKey>
  readonly #first: RingKey
  readonly #boundTo: readonly [purpose: string, name: string]
  readonly #remembered = new Map<string, Series>()
  #sealing: Series | undefined
  #left = 0

  constructor(ring: KeyRing, purpose: string, name: string) {
    const keys = keysOf(ring)
    this.#first = keys[0]
    this.#ringKeys = new Map(keys.map(key => [key.id, key]))
    this.#boundTo = [purpose, name]
  }

  /** The series that the next value belongs to. */
  next(random: (size: number) => Buffer): Series {
    if (!this.#sealing || this.#left === 0) {
      this.#sealing = this.#derive(this.#first, random(seriesBytes).toString('base64url'))
      this.#left = seriesLength
      this.remember(this.#sealing)
    }
    this.#left -= 1
    return this.#sealing
  }

  /** The series of a value with this head; null if its key id is unknown, or if it is no head at all. */
  find(head: string): Series | null {
    const remembered = this.#remembered.get(head)
    if (remembered) return remembered
    const [, id = '', series = ''] = headShape.exec(head) ?? []
    const ringKey = this.#ringKeys.get(id)
    return ringKey ? this.#derive(ringKey, series) : null
  }

  /** Keeps the key of a series. Only for one that an authentic value named: others are made up, and would push these out. */
  remember(series: Series): void {
    if (this.#remembered.has(series.head)) return
    const [oldest] = this.#remembered.size < mostRemembered ? [] : this.#remembered.keys()
    if (oldest !== undefined) this.#remembered.delete(oldest)
    this.#remembered.set(series.head, series)
  }

  #derive({ id, secret, current }: RingKey, series: string): Series {
    return { head: `v1.${id}.${series}.`, key: deriveKey(secret, labels.seal, ...this.#boundTo, series), current }
  }
}
