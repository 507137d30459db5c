import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createToken, isToken, tokenToId } from './token.ts'

describe('a token', () => {
  it('is 43 characters of base64url, and never the same twice', () => {
    const tokens = Array.from({ length: 10_000 }, createToken)
    for (const token of tokens) expect(isToken(token)).toBe(true)
    expect(new Set(tokens).size).toBe(tokens.length)
  })

  it('has one spelling only: of the characters that decode to the same bytes, one is accepted', () => {
    const token = createToken()
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const spellings = [...alphabet].map(last => token.slice(0, 42) + last)
    const same = spellings.filter(text => Buffer.from(text, 'base64url').equals(Buffer.from(token, 'base64url')))
    expect(same).toHaveLength(4)
    expect(same.filter(isToken)).toEqual([token])
  })

  it.each([
    ['the empty text', ''],
    ['one character less', 'A'.repeat(42)],
    ['one character more', 'A'.repeat(44)],
    ['padding', `${'A'.repeat(43)}=`],
    ['the alphabet of base64', `${'A'.repeat(41)}+A`],
    ['a line break at the end', `${'A'.repeat(42)}\n`],
    ['a percent sequence', `%41${'A'.repeat(40)}`],
    ['a letter beyond ASCII', `${'A'.repeat(42)}é`],
    ['a million characters', 'A'.repeat(1_000_000)],
  ])('is not %s', (_, value) => {
    expect(isToken(value)).toBe(false)
  })

  it('becomes an id by SHA-256, so the id can be stored and shown', () => {
    const token = createToken()
    expect(tokenToId(token)).toBe(createHash('sha256').update(token).digest('base64url'))
    expect(tokenToId(token)).not.toContain(token)
  })
})
