import { afterEach, describe, expect, it, vi } from 'vitest'
import { isKeepsakeError } from '../errors.ts'
import { resolveOptions, type SessionOptions } from './options.ts'

type Options = SessionOptions<Record<string, unknown>>

afterEach(() => vi.unstubAllEnvs())

describe('the defaults', () => {
  it('are a __Host- cookie, 14 days idle, 30 days in all, and 2 seconds for the store', () => {
    const { cookieName, expiry, deadlineMs } = resolveOptions({})
    expect(cookieName).toBe('__Host-session')
    expect(expiry).toEqual({ idleMs: 14 * 86_400_000, absoluteMs: 30 * 86_400_000, persistent: true })
    expect(deadlineMs).toBe(2000)
  })

  it.each([
    [{ secure: false }, 'session'],
    [{ domain: 'example.com' }, '__Secure-session'],
    [{ path: '/app' }, '__Secure-session'],
    [{ name: 'sid' }, 'sid'],
  ] as const)('%o is named %s', (cookie, name) => {
    expect(resolveOptions({ cookie }).cookieName).toBe(name)
  })

  it.each([
    ['aal1', 14 * 24, 30 * 24],
    ['aal2', 1, 24],
    ['aal3', 0.25, 12],
  ] as const)('the preset %s is %d hours idle and %d in all', (preset, idle, absolute) => {
    const { expiry } = resolveOptions({ preset })
    expect([expiry.idleMs, expiry.absoluteMs]).toEqual([idle * 3_600_000, absolute * 3_600_000])
  })

  it('shorten the idle timeout to an absolute timeout that is shorter', () => {
    expect(resolveOptions({ absoluteTimeout: '1d' }).expiry.idleMs).toBe(86_400_000)
  })

  it('ASVS 7.1.1: let a session last for ever only where that is spelled out', () => {
    expect(resolveOptions({ absoluteTimeout: 'unlimited' }).expiry.absoluteMs).toBe(Number.POSITIVE_INFINITY)
  })

  it('leave the options that were given as they were', () => {
    const options = Object.freeze({ cookie: Object.freeze({ secure: false }) })
    expect(() => resolveOptions(options)).not.toThrow()
  })
})

describe('promise 10: bad configuration does not start', () => {
  it.each<[string, Options, string, RegExp]>([
    ['a duration without a unit', { idleTimeout: '30' as never }, 'DURATION_INVALID', /idleTimeout is "30"/],
    ['a duration as a number', { absoluteTimeout: 3600 as never }, 'DURATION_INVALID', /absoluteTimeout is 3600/],
    ['no time at all', { storeDeadline: '0s' }, 'DURATION_INVALID', /storeDeadline is "0s"/],
    ['idle longer than absolute', { idleTimeout: '3d', absoluteTimeout: '2d' }, 'OPTION_INVALID', /idleTimeout \(3d\)/],
    [
      'a preset that does not exist',
      { preset: 'aal9' as never },
      'OPTION_INVALID',
      /"aal9", not one of aal1,aal2,aal3/,
    ],
    ['a misspelt option', { idleTimeOut: '1h' } as never, 'OPTION_INVALID', /idleTimeOut is not an option/],
    ['a misspelt cookie option', { cookie: { samesite: 'lax' } as never }, 'OPTION_INVALID', /cookie\.samesite/],
    ['an index that would hide the user', { index: { userId: () => 'x' } }, 'OPTION_INVALID', /index\.userId/],
    ['a name that is no token', { cookie: { name: 'my session' } }, 'COOKIE_INVALID', /name/],
    ['__Host- with a domain', { cookie: { name: '__Host-s', domain: 'a.example' } }, 'COOKIE_INVALID', /__Host-s/],
    ['__Host- without Secure', { cookie: { name: '__Host-s', secure: false } }, 'COOKIE_INVALID', /__Host-s/],
    ['__Secure- without Secure', { cookie: { name: '__Secure-s', secure: false } }, 'COOKIE_INVALID', /__Secure-s/],
    ['SameSite=None without Secure', { cookie: { sameSite: 'none', secure: false } }, 'COOKIE_INVALID', /sameSite/],
    ['a path that would inject an attribute', { cookie: { path: '/;Domain=x' } }, 'COOKIE_INVALID', /path/],
  ])('%s', (_, options, code, message) => {
    const error = thrownBy(() => resolveOptions(options))
    expect(isKeepsakeError(error) && error.code).toBe(code)
    expect(error).toHaveProperty('message', expect.stringMatching(message))
  })

  it('a cookie without Secure, in production', () => {
    vi.stubEnv('NODE_ENV', 'production')
    expect(() => resolveOptions({ cookie: { secure: false } })).toThrow(/COOKIE_INSECURE.*secure: 'never'/)
  })

  it("but a production site on plain http can spell it out: 'never'", () => {
    vi.stubEnv('NODE_ENV', 'production')
    expect(resolveOptions({ cookie: { secure: 'never' } }).cookieName).toBe('session')
  })
})

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
