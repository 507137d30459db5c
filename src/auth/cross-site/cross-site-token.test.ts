import { describe, expect, it } from 'vitest'
import { keyRing } from '../../crypto/key-ring.ts'
import { createToken, tokenToId } from '../../session/token.ts'
import { crossSiteToken, isCrossSiteToken } from './cross-site-token.ts'

const [secret, nextSecret] = ['tJm7nqVYbGk3x0pLrE5cZwU8aHs2dFiQ', 'yO9vB4nM1kXzT6gWcP3eRjS7uLfD0hAq']
const ring = keyRing(secret)
const before = tokenToId(createToken())
const after = tokenToId(createToken())

describe('the token of a form', () => {
  it('is good for its session, as often as it is sent', () => {
    const token = crossSiteToken(ring, before)
    expect([isCrossSiteToken(ring, before, token), isCrossSiteToken(ring, before, token)]).toEqual([true, true])
  })

  it('dies at login, with the id of the session (CVE-2022-24895), and is not another session’s', () => {
    expect(isCrossSiteToken(ring, after, crossSiteToken(ring, before))).toBe(false)
  })

  it('is another one each time, in every part, so that compression tells nothing of it (BREACH)', () => {
    const tokens = Array.from({ length: 100 }, () => crossSiteToken(ring, before).split('.'))
    expect(new Set(tokens.flat()).size).toBe(200)
    expect(tokens.every(token => isCrossSiteToken(ring, before, token.join('.')))).toBe(true)
  })

  it('is none for everybody who has no session', () => {
    expect(() => crossSiteToken(ring, '')).toThrow(/VALUE_INVALID/)
    for (const nobody of ['', null]) expect(isCrossSiteToken(ring, nobody, crossSiteToken(ring, before))).toBe(false)
  })

  it('is good across a change of the secret', () => {
    const token = crossSiteToken(ring, before)
    expect(isCrossSiteToken(keyRing([nextSecret, secret]), before, token)).toBe(true)
    expect(isCrossSiteToken(keyRing(nextSecret), before, token)).toBe(false)
  })

  it('is void when one character is another, is missing, or is too many', () => {
    const token = crossSiteToken(ring, before)
    for (let i = 0; i < token.length; i++) {
      const other = token[i] === 'A' ? 'B' : 'A'
      const [head, tail] = [token.slice(0, i), token.slice(i + 1)]
      for (const changed of [`${head}${other}${tail}`, `${head}${tail}`, `${head}${token[i]}${other}${tail}`]) {
        expect(isCrossSiteToken(ring, before, changed)).toBe(false)
      }
    }
  })

  it.each([
    undefined,
    null,
    5,
    {},
    ['a'],
    '',
    '.',
    'é'.repeat(66),
    'x'.repeat(100_000),
    `${'A'.repeat(22)}.${'A'.repeat(43)}`,
  ])('is not %j', garbage => {
    expect(isCrossSiteToken(ring, before, garbage)).toBe(false)
  })
})
