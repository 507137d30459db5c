import { describe, expect, it } from 'vitest'
import { cookieMaxAge, type ExpiryPolicy, expiresAt, isExpired, renewalDue } from './expiry.ts'

const minute = 60_000
const policy: ExpiryPolicy = { idleMs: 100 * minute, absoluteMs: 1000 * minute, persistent: true }
const unlimited = { ...policy, absoluteMs: Number.POSITIVE_INFINITY }
const at = (ms: number) => ({ type: 'at', ms }) as const
const idle = (ms: number) => ({ type: 'idle', ms }) as const
const browser = { type: 'browser' } as const

describe('when a session ends', () => {
  it.each([
    ['the idle timeout after the last renewal', { created: 0, seen: 50 * minute }, policy, 150 * minute],
    ['never later than the absolute timeout', { created: 0, seen: 950 * minute }, policy, 1000 * minute],
    ['after its own idle timeout, if it chose one', { created: 0, seen: 0, expiry: idle(7) }, policy, 7],
    ['at its own date, if it chose one', { created: 0, seen: 5, expiry: at(77) }, policy, 77],
    [
      'its own date cannot outlive the absolute timeout',
      { created: 0, seen: 0, expiry: at(1e12) },
      policy,
      1000 * minute,
    ],
    [
      'with the browser: the server keeps the idle timeout',
      { created: 0, seen: 0, expiry: browser },
      policy,
      100 * minute,
    ],
    ['an unlimited end is still a date', { created: 0, seen: 0, expiry: at(1e300) }, unlimited, 8.64e15],
  ])('%s', (_, times, under, end) => {
    expect(expiresAt(times, under)).toBe(end)
  })
})

describe('whether a session is over', () => {
  const times = { created: 0, seen: 0 }

  it('is decided to the millisecond', () => {
    expect(isExpired(times, 100 * minute, policy, 100 * minute - 1)).toBe(false)
    expect(isExpired(times, 100 * minute, policy, 100 * minute)).toBe(true)
  })

  it('follows a timeout that a deploy shortened, also for sessions from before it', () => {
    expect(isExpired(times, 500 * minute, policy, 200 * minute)).toBe(true)
  })

  it('follows what the record was stored with, after a deploy that lengthened the timeout', () => {
    expect(isExpired(times, 50 * minute, policy, 60 * minute)).toBe(true)
  })

  it('is not decided by a clock that jumps back', () => {
    expect(isExpired({ created: 1000, seen: 1000 }, 1000 + 100 * minute, policy, 0)).toBe(false)
  })
})

describe('whether renewal is due', () => {
  it.each([
    ['not before a tenth of the idle timeout has passed', 10 * minute - 1, false],
    ['from a tenth of the idle timeout on', 10 * minute, true],
  ])('%s', (_, now, due) => {
    expect(renewalDue({ created: 0, seen: 0 }, 100 * minute, policy, now)).toBe(due)
  })

  it('never when the absolute timeout leaves nothing to gain', () => {
    expect(renewalDue({ created: 0, seen: 940 * minute }, 1000 * minute, policy, 990 * minute)).toBe(false)
  })

  it('never for a session that ends at a date of its own', () => {
    expect(renewalDue({ created: 0, seen: 0, expiry: at(90 * minute) }, 90 * minute, policy, 80 * minute)).toBe(false)
  })
})

describe("the cookie's Max-Age", () => {
  const times = { created: 0, seen: 0 }

  it('is the time left, in whole seconds', () => {
    expect(cookieMaxAge(times, policy, 90 * minute)).toBe(600)
    expect(cookieMaxAge(times, policy, 90 * minute - 1)).toBe(601)
  })

  it('is zero for what is over', () => {
    expect(cookieMaxAge(times, policy, 101 * minute)).toBe(0)
  })

  it('is missing for a session that ends with the browser, by its own choice or by default', () => {
    expect(cookieMaxAge({ ...times, expiry: browser }, policy, 0)).toBeNull()
    expect(cookieMaxAge(times, { ...policy, persistent: false }, 0)).toBeNull()
    expect(cookieMaxAge({ ...times, expiry: idle(60_000) }, { ...policy, persistent: false }, 0)).toBe(60)
  })
})
