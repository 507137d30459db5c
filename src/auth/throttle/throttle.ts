import { hash } from 'node:crypto'
import { KeepsakeError } from '../../errors.ts'
import { Deadline } from '../../waiting/deadline.ts'
import type { Count, ThrottleLimiter } from './limiter.ts'
import { networkOf } from './network.ts'
import { resolveThrottleOptions, type ThrottleOptions, type ThrottleSettings } from './options.ts'

/** Who tries to log in. */
export interface LoginAttempt {
  /** The name that was typed, whether there is such a user or not. */
  readonly account: string
  /** The client's address, from a proxy only if it is trusted; null if it is not known: then no network is throttled. */
  readonly address: string | null
  /**
   * A device from which this account has logged in before, as its own signed cookie shows; null if there is none. The caller
   * has verified that the device belongs to the account.
   */
  readonly knownDevice?: string | null | undefined
}

/** Whether a password may be tried now. */
export type Admission = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterMs: number }

/** Slows down who guesses passwords: `createThrottle`. */
export interface Throttle {
  /** Counts the attempt before any hash is computed. Rejects with `THROTTLE_FAILED` (503) if nothing could be counted. */
  attempt(attempt: LoginAttempt): Promise<Admission>
  /** The password was right: what was counted for this account, or this device of it, is forgotten. */
  succeeded(attempt: LoginAttempt): Promise<void>
}

/**
 * A throttle for logins, and for whatever else can be guessed. Delays grow per account, and end; attempts are limited per
 * network; the owner on a known device has counters of their own, which nobody else can fill. `docs/throttling.md`.
 *
 * @example
 * const throttle = createThrottle({ limiter: options => new RateLimiterRedis({ ...options, storeClient: redis }) })
 * const admission = await throttle.attempt({ account, address, knownDevice })
 * if (!admission.allowed) return tooManyRequests(admission.retryAfterMs)
 */
export function createThrottle(options: ThrottleOptions = {}): Throttle {
  return new CountingThrottle(resolveThrottleOptions(options))
}

class CountingThrottle implements Throttle {
  readonly #settings: ThrottleSettings
  readonly #deadline: Deadline

  constructor(settings: ThrottleSettings) {
    this.#settings = settings
    this.#deadline = new Deadline(settings.deadlineMs)
  }

  async attempt(attempt: LoginAttempt): Promise<Admission> {
    const blocked = await this.#ofNetwork(attempt)
    return blocked ?? this.#ofAccount(countersOf(attempt))
  }

  async succeeded(attempt: LoginAttempt): Promise<void> {
    const { failures, gate } = countersOf(attempt)
    await this.#count(limiter => limiter.delete(failures))
    await this.#count(limiter => limiter.delete(gate))
    // The network gets back this attempt alone: else, whoever has an account of their own could clear it and guess on.
    const network = networkKey(attempt)
    const customDuration = this.#settings.networkSeconds
    if (network) await this.#count(limiter => limiter.reward(network, 1, { customDuration }))
  }

  /** So many in a window of time; null if this one is within. */
  async #ofNetwork(attempt: LoginAttempt): Promise<Admission | null> {
    const key = networkKey(attempt)
    if (!key) return null
    const { networkAttempts, networkSeconds } = this.#settings
    const { consumedPoints, msBeforeNext } = await this.#up(key, networkSeconds)
    return consumedPoints > networkAttempts ? refused(msBeforeNext) : null
  }

  /**
   * The first attempts pass at once. Each later one has to pass a gate, which lets one through and then stays shut, twice as
   * long as the time before. Refused attempts do not count, so waiting is never prolonged by impatience.
   */
  async #ofAccount({ failures, gate }: AccountCounters): Promise<Admission> {
    const { freeAttempts, memorySeconds } = this.#settings
    const shut = await this.#count(limiter => limiter.get(gate))
    if (shut && shut.consumedPoints > 0) return refused(shut.msBeforeNext)
    const { consumedPoints: count } = await this.#up(failures, memorySeconds)
    if (count < freeAttempts) return { allowed: true }
    const { consumedPoints: place, msBeforeNext } = await this.#up(gate, this.#secondsAfter(count))
    if (place === 1) return { allowed: true }
    await this.#count(limiter => limiter.reward(failures, 1, { customDuration: memorySeconds }))
    return refused(msBeforeNext)
  }

  #secondsAfter(count: number): number {
    const { freeAttempts, firstSeconds, longestSeconds } = this.#settings
    return Math.min(firstSeconds * 2 ** (count - freeAttempts), longestSeconds)
  }

  #up(key: string, customDuration: number): Promise<Count> {
    return this.#count(limiter => limiter.penalty(key, 1, { customDuration }))
  }

  /** Who cannot count does not let anyone in. */
  async #count<T>(call: (limiter: ThrottleLimiter) => Promise<T>): Promise<T> {
    try {
      return await this.#deadline.within(() => call(this.#settings.limiter))
    } catch (cause) {
      throw new KeepsakeError('THROTTLE_FAILED', '', { cause })
    }
  }
}

interface AccountCounters {
  readonly failures: string
  readonly gate: string
}

/** Of fixed length, however long the name is, and no list of names for whoever reads the counters. */
function countersOf({ account, knownDevice }: LoginAttempt): AccountCounters {
  // Spellings that some user store may take for one name: a directory passes over needless blanks (RFC 4518 section 2.6.1)
  // and what cannot be seen (2.2). To count two names as one costs nothing.
  const name = account
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{Cf}]/gu, '')
  const key = hash('sha256', JSON.stringify([name, knownDevice ?? null]), 'base64url')
  return { failures: `failures:${key}`, gate: `gate:${key}` }
}

/** A known device is not held up by who shares its network. */
function networkKey({ address, knownDevice }: LoginAttempt): string | null {
  return address === null || typeof knownDevice === 'string' ? null : `network:${networkOf(address)}`
}

function refused(ms: number): Admission {
  return { allowed: false, retryAfterMs: Math.max(ms, 1) }
}
