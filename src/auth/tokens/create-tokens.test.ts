import { describe, expect, it } from 'vitest'
import { keyRing } from '../../crypto/key-ring.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import { createTokens, type TokenUser } from './create-tokens.ts'

const secrets = ['tJm7nqVYbGk3x0pLrE5cZwU8aHs2dFiQ', 'yO9vB4nM1kXzT6gWcP3eRjS7uLfD0hAq']
const ring = keyRing(secrets[0] ?? '')
const ada: TokenUser = {
  id: '7',
  password: 'argon2id$x$y',
  email: 'ada@example.com',
  lastLoginAt: new Date('2026-01-01T10:00:00.250Z'),
}

function site() {
  const clock = fakeClock()
  const resets = createTokens(ring, { purpose: 'password reset', now: clock })
  return { clock, resets, token: resets.make(ada) }
}

describe('a token that was sent by mail', () => {
  it('test_make_token, test_timeout: is good for an hour', () => {
    const { clock, resets, token } = site()
    expect(resets.check(ada, token)).toBe(true)
    clock.advance('1h')
    expect(resets.check(ada, token)).toBe(true)
    clock.advance('1s')
    expect(resets.check(ada, token)).toBe(false)
  })

  it.each<[string, Partial<TokenUser>]>([
    ['the password was changed: it is used up', { password: 'argon2id$x$z' }],
    ['the user has logged in since', { lastLoginAt: new Date('2026-01-01T10:00:01Z') }],
    ['the user never logged in before, and has since', { lastLoginAt: null }],
    ['the address was changed', { email: 'ada@example.org' }],
    ['it is another user', { id: '8' }],
  ])('test_token_with_different_email: is void when %s', (_name, change) => {
    const { resets, token } = site()
    expect(resets.check({ ...ada, ...change }, token)).toBe(false)
  })

  it('outlives a database that keeps no fractions of seconds', () => {
    const { resets, token } = site()
    expect(resets.check({ ...ada, lastLoginAt: new Date('2026-01-01T10:00:00Z') }, token)).toBe(true)
  })

  it('is good for its purpose alone, and about its one thing', () => {
    const { clock, resets } = site()
    const confirmations = createTokens(ring, { purpose: 'e-mail', now: clock })
    const token = confirmations.make(ada, 'new@example.com')
    expect(confirmations.check(ada, token, 'new@example.com')).toBe(true)
    expect(confirmations.check(ada, token, 'other@example.com')).toBe(false)
    expect(confirmations.check(ada, token)).toBe(false)
    expect(resets.check(ada, token, 'new@example.com')).toBe(false)
  })

  it('shows nothing of the user', () => {
    expect(site().token).toMatch(/^[0-9a-z]{6}-[\w-]{43}$/)
  })

  it('test_check_token_secret_fallbacks, test_check_token_secret_key_fallbacks_override: is good across a change of the secret, until the old one is taken out', () => {
    const { clock, token } = site()
    const [old = '', next = ''] = secrets
    const tokens = (list: readonly string[]) => createTokens(keyRing(list), { purpose: 'password reset', now: clock })
    expect(tokens([next, old]).check(ada, token)).toBe(true)
    expect(tokens([next]).check(ada, token)).toBe(false)
    expect(tokens([next]).check(ada, tokens([next, old]).make(ada))).toBe(true)
  })

  it('is good in a process whose clock is behind', () => {
    const { clock, resets, token } = site()
    clock.set(new Date(clock() - 60_000))
    expect(resets.check(ada, token)).toBe(true)
  })

  it('CVE-2022-39263: cannot be made younger, or changed anywhere', () => {
    const { clock, resets, token } = site()
    const [at = '', ...mac] = token.split('-')
    clock.advance('2h')
    const later = Math.floor(clock() / 1000).toString(36)
    expect(resets.check(ada, [later, ...mac].join('-'))).toBe(false)
    clock.set(new Date('2026-01-01T00:00:00Z'))
    expect(resets.check(ada, [`0${at}`, ...mac].join('-'))).toBe(false)
    for (let i = 0; i < token.length; i++) {
      const other = token[i] === 'a' ? 'b' : 'a'
      expect(resets.check(ada, token.slice(0, i) + other + token.slice(i + 1))).toBe(false)
    }
  })

  it.each([
    undefined,
    null,
    5,
    {},
    [],
    '',
    '-',
    'a-b',
    'é-ü',
    'x'.repeat(100_000),
    `${'z'.repeat(8)}-${'A'.repeat(43)}`,
  ])('test_check_token_with_nonexistent_token_and_user: is not %j', garbage => {
    expect(site().resets.check(ada, garbage)).toBe(false)
  })
})

describe('options that cannot be', () => {
  it.each([
    [{ purpose: '' }, 'OPTION_INVALID'],
    [{ purpose: 'réinitialiser' }, 'OPTION_INVALID'],
    [{ purpose: 'x', now: 5 }, 'OPTION_INVALID'],
    [{ purpose: 'x', lifetime: '3 days' }, 'DURATION_INVALID'],
  ])('%j does not start', (options, code) => {
    expect(() => createTokens(ring, options as Parameters<typeof createTokens>[1])).toThrow(code)
  })
})
