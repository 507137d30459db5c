/** A counter as it stands. */
export interface Count {
  readonly consumedPoints: number
  /** Until the counter is forgotten, in ms. */
  readonly msBeforeNext: number
}

/** How long a counter lives, in whole seconds, if the call is the one that begins it. */
export interface CountOptions {
  readonly customDuration: number
}

/**
 * Counters that forget: the part of the limiters of the package `rate-limiter-flexible` that the throttle uses. Every method is
 * atomic across all processes that share the counters.
 */
export interface ThrottleLimiter {
  /** Counts up, and tells the new count. The first call under a key begins its time; later ones do not move it. */
  penalty(key: string, points: number, options: CountOptions): Promise<Count>
  /** Counts down. */
  reward(key: string, points: number, options: CountOptions): Promise<unknown>
  get(key: string): Promise<Count | null>
  delete(key: string): Promise<unknown>
}

/** What the constructors of `rate-limiter-flexible` ask for. The throttle gives each counter its own time and limit. */
export interface LimiterOptions {
  readonly keyPrefix: string
  /** The table's name, where there is one. */
  readonly tableName: string
  readonly points: number
  /** In seconds. */
  readonly duration: number
}
