import { describe, expect, it } from 'vitest'
import { createCsrfSecret, csrfCookie, csrfTokenMatches, maskCsrfSecret } from './csrf-token.ts'
import { checkResetToken, createResetToken } from './reset-token.ts'
import { checkSessionAuthHash, sessionAuthHash } from './session-auth.ts'
import { djangoExpiry, isoMicroseconds, isoText } from './session-expiry.ts'
import { createSessionKey, isSessionKey, sessionCacheKey } from './session-key.ts'

const secrets = { secretKey: 'new-key', fallbacks: ['old-key'] }

describe('who is logged in', () => {
  it('stays so while the password and the key are the same', () => {
    expect(checkSessionAuthHash(sessionAuthHash('pw', 'new-key'), 'pw', secrets)).toBe('current')
    expect(checkSessionAuthHash(sessionAuthHash('pw', 'old-key'), 'pw', secrets)).toBe('fallback')
  })

  it('is not, after a change of password, with a lost key, or with no hash at all', () => {
    const hash = sessionAuthHash('pw', 'new-key')
    expect(checkSessionAuthHash(hash, 'other', secrets)).toBeNull()
    expect(checkSessionAuthHash(sessionAuthHash('pw', 'lost-key'), 'pw', secrets)).toBeNull()
    expect([undefined, null, '', 0, [hash]].map(bad => checkSessionAuthHash(bad, 'pw', secrets))).toEqual(
      Array(5).fill(null),
    )
  })
})

describe('a session key', () => {
  it('is 32 lower-case letters and digits, each as likely as any other', () => {
    const keys = Array.from({ length: 2000 }, createSessionKey)
    expect(keys.every(isSessionKey)).toBe(true)
    expect(new Set(keys).size).toBe(2000)
    const counts = Map.groupBy(keys.join(''), letter => letter)
    expect(counts.size).toBe(36)
    // 64,000 letters: 1,778 of each, within seven standard deviations.
    for (const [, { length }] of counts) expect(Math.abs(length - 64_000 / 36)).toBeLessThan(7 * 42)
  })

  it.each([
    '',
    '1',
    'abc',
    '../../etc/passwd',
    'ABCDEFGHIJ',
    'a'.repeat(41),
    'aaaaaaaa\n',
    'aaaaaaaa aaaa',
    'ключключ',
  ])('%j is none', text => {
    expect(isSessionKey(text)).toBe(false)
  })

  it('stands in a cache behind prefix and version', () => {
    expect(sessionCacheKey('cache', 'k', { prefix: 'site', version: 2 })).toBe('site:2:django.contrib.sessions.cachek')
  })
})

describe('a CSRF token', () => {
  it('is another at each call, and of the same secret', () => {
    const secret = createCsrfSecret()
    const tokens = [maskCsrfSecret(secret), maskCsrfSecret(secret)]
    expect(tokens[0]).not.toBe(tokens[1])
    expect(tokens.map(token => csrfTokenMatches(token, secret))).toEqual([true, true])
    // Before 4.0, the cookie holds a masked secret too.
    expect(csrfTokenMatches(maskCsrfSecret(secret), maskCsrfSecret(secret))).toBe(true)
  })

  it.each(['', 'x', '!'.repeat(64), 'é'.repeat(32), 'a'.repeat(1_000_000)])('%.20s is none', token => {
    expect(csrfTokenMatches(token, createCsrfSecret())).toBe(false)
    expect(csrfTokenMatches(createCsrfSecret(), token)).toBe(false)
  })

  it("has Django's cookie", () => {
    expect(csrfCookie('s', { now: 1_700_000_000_000 })).toBe(
      'csrftoken=s; expires=Tue, 12 Nov 2024 22:13:20 GMT; Max-Age=31449600; Path=/; SameSite=Lax',
    )
  })
})

describe('a reset token', () => {
  const user = { pk: 1, password: 'pbkdf2', lastLogin: null, email: 'a@b.c' }
  const now = 1_700_000_000_000

  it('counts the seconds of the site’s own clock, as Django does', () => {
    const inBerlin = createResetToken(user, { ...secrets, now, timeZone: 'Europe/Berlin' })
    expect(inBerlin).toBe(createResetToken(user, { ...secrets, now: now + 3_600_000 }))
    expect(checkResetToken(user, inBerlin, { ...secrets, now, timeZone: 'Europe/Berlin' })).toBe(true)
  })

  it('made with a key that was rotated away is good', () => {
    const old = createResetToken(user, { secretKey: 'old-key', now })
    expect(checkResetToken(user, old, { ...secrets, now })).toBe(true)
    expect(checkResetToken(user, old, { secretKey: 'new-key', now })).toBe(false)
  })

  it.each(['', '-', 'a-', '-a', 'a-b-c', `${'z'.repeat(1000)}-x`, '１-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'])(
    '%.20s is none',
    token => {
      expect(checkResetToken(user, token, { ...secrets, now })).toBe(false)
    },
  )
})

describe('an expiry', () => {
  it('of microseconds is exact', () => {
    const text = '2030-01-02T03:04:05.678901+00:00'
    const micros = isoMicroseconds(text)
    expect(micros && isoText(micros)).toBe(text)
    expect(djangoExpiry(text, { savedAt: 0 })?.endsAt).toBe(micros)
  })

  it.each([
    [''],
    ['tomorrow'],
    ['2030-13-01T00:00:00+00:00'],
    ['2030-01-01'],
    [Number.NaN],
    [[1]],
    [new Map()],
    [2n ** 2000n],
  ])('that is none is null: %s', stored => {
    expect(djangoExpiry(stored, { savedAt: 0 })).toBeNull()
  })
})
