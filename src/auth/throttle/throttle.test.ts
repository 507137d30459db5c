import BetterSqlite3 from 'better-sqlite3'
import { RateLimiterMemory, RateLimiterSQLite } from 'rate-limiter-flexible'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../../testing/fake-clock.ts'
import type { ThrottleLimiter } from './limiter.ts'
import { memoryLimiter } from './memory-limiter.ts'
import type { ThrottleOptions } from './options.ts'
import { createThrottle, type LoginAttempt } from './throttle.ts'

const ada: LoginAttempt = { account: 'ada', address: '192.0.2.1' }

function site(options: ThrottleOptions = {}) {
  const clock = fakeClock()
  const throttle = createThrottle({ now: clock, ...options })
  const guesses = async (attempts: readonly LoginAttempt[]): Promise<number> => {
    const admissions = await Promise.all(attempts.map(attempt => throttle.attempt(attempt)))
    return admissions.filter(({ allowed }) => allowed).length
  }
  /** Seconds to wait; 0 if a password may be tried. */
  const wait = async (attempt: LoginAttempt = ada): Promise<number> => {
    const admission = await throttle.attempt(attempt)
    return admission.allowed ? 0 : admission.retryAfterMs / 1000
  }
  return { clock, throttle, guesses, wait }
}

/** The nth of many clients, no two of one network. */
const elsewhere = (n: number): string => `2001:db8:${(n >> 16).toString(16)}:${(n & 0xffff).toString(16)}::1`

describe('somebody who guesses the password of one account', () => {
  it('has five attempts, then waits 1, 2, 4 seconds and so on, at most 15 minutes', async () => {
    const { clock, wait } = site()
    for (let i = 0; i < 5; i++) expect(await wait()).toBe(0)
    const waits: number[] = []
    for (let i = 0; i < 13; i++) {
      const seconds = await wait()
      waits.push(seconds)
      clock.advance(`${seconds}s`)
      expect(await wait()).toBe(0)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
  })

  it('does not wait longer by trying in vain meanwhile', async () => {
    const { clock, guesses, wait } = site()
    await guesses(Array(5).fill(ada))
    for (let i = 0; i < 50; i++) expect(await wait()).toBe(1)
    clock.advance('400ms')
    expect(await wait()).toBe(0.6)
    clock.advance('600ms')
    expect([await wait(), await wait()]).toEqual([0, 2])
  })

  it('gets five of 1,000 parallel guesses, from one address or from 1,000 (ASVS 6.3.1)', async () => {
    const fromOne = site()
    expect(await fromOne.guesses(Array(1000).fill(ada))).toBe(5)
    const fromMany = site()
    const attempts = Array.from({ length: 1000 }, (_, n) => ({ account: 'ada', address: elsewhere(n) }))
    expect(await fromMany.guesses(attempts)).toBe(5)
  })

  it('gains nothing by other spellings of the name', async () => {
    const { guesses, wait } = site()
    await guesses(Array(5).fill(ada))
    for (const account of ['ADA', 'Ada', 'ａｄａ', '  ada ', 'a\u3000da', 'a\u200bd\u00ada', 'ada\t'])
      expect(await wait({ ...ada, account })).toBe(1)
    expect(await wait({ ...ada, account: 'bob' })).toBe(0)
  })

  it('does not keep the owner out, who comes with a known device, even from the same network (ASVS 6.1.1)', async () => {
    const { clock, guesses, wait } = site()
    const owner = { ...ada, knownDevice: 'phone' }
    for (let hour = 0; hour < 24; hour++) {
      await guesses(Array.from({ length: 300 }, (_, n) => ({ account: 'ada', address: elsewhere(n) })))
      await guesses(Array(300).fill(ada))
      clock.advance('1h')
    }
    await guesses(Array(300).fill(ada))
    expect(await wait(ada)).toBeGreaterThan(0)
    expect(await wait(owner)).toBe(0)
  })

  it('has five attempts with a stolen device too', async () => {
    const { guesses } = site()
    expect(await guesses(Array(1000).fill({ ...ada, knownDevice: 'phone' }))).toBe(5)
  })

  it('starts anew a day after the first attempt', async () => {
    const { clock, guesses, wait } = site()
    await guesses(Array(5).fill(ada))
    clock.advance('1d')
    expect(await guesses(Array(5).fill(ada))).toBe(5)
    expect(await wait()).toBe(1)
  })
})

describe('somebody who guesses on many accounts', () => {
  const spray = (count: number, address: string): LoginAttempt[] =>
    Array.from({ length: count }, (_, n) => ({ account: `user-${n}`, address }))

  it('has 100 attempts in ten minutes from one network, and others have theirs', async () => {
    const { clock, guesses, wait } = site()
    expect(await guesses(spray(1000, '192.0.2.1'))).toBe(100)
    clock.advance('4m')
    expect(await wait({ account: 'eve', address: '192.0.2.1' })).toBe(360)
    expect(await wait({ account: 'eve', address: '192.0.2.2' })).toBe(0)
    clock.advance('6m')
    expect(await wait({ account: 'ivy', address: '192.0.2.1' })).toBe(0)
  })

  it('CVE-2026-45364: has no more by choosing among the addresses of one IPv6 network, or their spellings', async () => {
    const { guesses } = site()
    const attempts = Array.from({ length: 1000 }, (_, n) => ({
      account: `user-${n}`,
      address: n % 2 ? `2001:db8::${n.toString(16)}` : `2001:0DB8:0:0:${n.toString(16)}::`,
    }))
    expect(await guesses(attempts)).toBe(100)
  })

  it('cannot clear the network with an account of their own', async () => {
    const { throttle, guesses, wait } = site()
    await guesses(spray(99, '192.0.2.1'))
    const own = { account: 'mallory', address: '192.0.2.1' }
    for (let i = 0; i < 20; i++) {
      expect(await wait(own)).toBe(0)
      await throttle.succeeded(own)
    }
    expect(await guesses(spray(50, '192.0.2.1'))).toBe(1)
  })
})

describe('somebody who knows the password', () => {
  it('is not held up by having mistyped before', async () => {
    const { throttle, guesses, wait } = site()
    await guesses(Array(5).fill(ada))
    await throttle.succeeded(ada)
    expect(await guesses(Array(5).fill(ada))).toBe(5)
    expect(await wait()).toBe(1)
  })

  it('on a known device does not give a fresh start to those who guess from elsewhere', async () => {
    const { throttle, guesses, wait } = site()
    await guesses(Array(5).fill(ada))
    await throttle.succeeded({ ...ada, knownDevice: 'phone' })
    expect(await wait()).toBe(1)
  })
})

describe('a client of unknown address', () => {
  it('is throttled by account alone', async () => {
    const { guesses } = site()
    const attempts = Array.from({ length: 200 }, (_, n) => ({ account: `user-${n}`, address: null }))
    expect(await guesses(attempts)).toBe(200)
    expect(await guesses(Array(200).fill({ account: 'ada', address: null }))).toBe(5)
  })
})

describe('counters', () => {
  it('of this process are not more than 100,000, whatever clients send', async () => {
    const clock = fakeClock()
    const limiter = memoryLimiter(clock)
    await limiter.penalty('first', 1, { customDuration: 60 })
    for (let n = 0; n < 100_000; n++) await limiter.penalty(`${n}`, 1, { customDuration: 60 })
    expect([await limiter.get('first'), await limiter.get('99999')]).toEqual([
      null,
      { consumedPoints: 1, msBeforeNext: 60_000 },
    ])
  })

  it('hold neither names nor addresses of accounts', async () => {
    const keys: string[] = []
    const limiter = memoryLimiter(Date.now)
    const spy: ThrottleLimiter = {
      ...{ reward: limiter.reward.bind(limiter), get: limiter.get.bind(limiter), delete: limiter.delete.bind(limiter) },
      penalty(key, points, options) {
        keys.push(key)
        return limiter.penalty(key, points, options)
      },
    }
    await createThrottle({ limiter: () => spy }).attempt({ account: 'x'.repeat(1e6), address: '192.0.2.1' })
    expect(keys).toEqual(['network:192.0.2.1', expect.stringMatching(/^failures:[\w-]{43}$/)])
  })

  it.each<[string, () => Promise<NonNullable<ThrottleOptions['limiter']>>]>([
    ['RateLimiterMemory', async () => options => new RateLimiterMemory(options)],
    [
      'RateLimiterSQLite',
      async () => {
        const { promise, resolve } = Promise.withResolvers<unknown>()
        const database = new BetterSqlite3(':memory:')
        const store = { storeClient: database, storeType: 'better-sqlite3' }
        let ready: RateLimiterSQLite | undefined
        createThrottle({
          limiter: options => {
            ready = new RateLimiterSQLite({ ...options, ...store }, resolve)
            return ready
          },
        })
        await promise
        return () => ready ?? memoryLimiter(Date.now)
      },
    ],
  ])('may be those of rate-limiter-flexible: %s', async (_name, prepare) => {
    const { throttle, guesses } = site({ limiter: await prepare(), firstDelay: '1m' })
    expect(await guesses(Array(200).fill(ada))).toBe(5)
    const admission = await throttle.attempt(ada)
    expect(admission).toMatchObject({ allowed: false })
    await throttle.succeeded(ada)
    expect(await throttle.attempt({ ...ada, address: '192.0.2.7' })).toEqual({ allowed: true })
  })

  it('that fail let nobody in, and say so with status 503', async () => {
    const broken = new Error('connection refused')
    const fails = () => Promise.reject(broken)
    const throttle = createThrottle({ limiter: () => ({ penalty: fails, reward: fails, get: fails, delete: fails }) })
    const failed = { code: 'THROTTLE_FAILED', status: 503, cause: { code: 'STORE_FAILED', cause: broken } }
    await expect(throttle.attempt(ada)).rejects.toMatchObject(failed)
    await expect(throttle.succeeded(ada)).rejects.toMatchObject(failed)
  })
})

describe('options that cannot be', () => {
  it.each([
    { accountAttempts: 0 },
    { accountAttempts: 1.5 },
    { networkAttempts: Number.NaN },
    { longestDelay: '1500ms' },
    { firstDelay: '1h' },
    { limiter: () => ({}) },
    { limiter: {} },
    { attempts: 3 },
  ])('%j does not start', options => {
    expect(() => createThrottle(options as ThrottleOptions)).toThrow(/OPTION_INVALID/)
  })
})
