import { type Duration, durationMs } from '../values/duration.ts'

/** A clock that stands still until it is moved. */
export interface FakeClock {
  /** The time in ms since 1970. */
  (): number
  advance(by: Duration): void
  set(to: Date): void
}

/**
 * A clock for tests: days pass at once. It fits the `clock` option of `createSessions` and of `CookieJar`.
 *
 * @example
 * const clock = fakeClock()
 * const sessions = createSessions({ store: memoryStore(), clock })
 * clock.advance('15d')   // everyone who was idle is logged out
 */
export function fakeClock(start: Date = new Date('2026-01-01T00:00:00Z')): FakeClock {
  let now = start.getTime()
  return Object.assign(() => now, {
    advance(by: Duration): void {
      now += durationMs(by, 'the argument of advance')
    },
    set(to: Date): void {
      now = to.getTime()
    },
  })
}
