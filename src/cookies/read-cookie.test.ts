import { describe, expect, it } from 'vitest'
import { cookieValues } from './read-cookie.ts'

/** What each header gives to the cookie `s`. */
const table: [what: string, header: string | undefined, values: string[]][] = [
  ['no header', undefined, []],
  ['the only cookie', 's=GOOD', ['GOOD']],
  ['one among others', 'a=1; s=GOOD; b=2', ['GOOD']],
  ['two of the name, in either order', 's=GOOD; s=EVIL', ['GOOD', 'EVIL']],
  ['two of the name, in either order', 's=EVIL; s=GOOD', ['EVIL', 'GOOD']],
  ['quotes are part of the value (CVE-2023-26049)', 's="GOOD"', ['"GOOD"']],
  ['quotes do not hide a semicolon (CVE-2023-4639)', 'a="x; s=EVIL"; s=GOOD', ['EVIL"', 'GOOD']],
  ['spaces and tabs around are trimmed', ' \ts \t=\t GOOD \t', ['GOOD']],
  ['no other blank is trimmed (CVE-2026-39410)', '\u00a0s=EVIL; \ufeffs=EVIL; s\u00a0=EVIL; s=GOOD', ['GOOD']],
  ['names are not decoded (CVE-2020-8184, CVE-2020-1045)', '%73=EVIL', []],
  ['names are compared with their case', 'S=EVIL', []],
  ['a nameless cookie is not a name (CVE-2023-23934)', '=s=EVIL', []],
  ['a name without a value', 's', []],
  ['an empty value', 's=', ['']],
  ['equals signs in the value', 's=a=b==', ['a=b==']],
  ['commas and braces do not split (CVE-2016-7401)', 'a={"b":1,"s=":2},s=EVIL', []],
  ['values are not decoded', 's=%41%', ['%41%']],
  ['names that contain the name', 'ss=EVIL; as=EVIL; s.=EVIL', []],
  ['nothing but separators', ';;;', []],
  ['nothing but equals signs', '=;=;=', []],
  ['names of Object.prototype', '__proto__=x; constructor=y', []],
]

describe('the values that a Cookie header gives to a name', () => {
  it.each(table)('%s: %j', (_, header, values) => {
    expect(cookieValues(header, 's')).toEqual(values)
  })

  it('are found by their exact name, also where objects inherit it', () => {
    expect(cookieValues('__proto__=x; constructor=y', 'constructor')).toEqual(['y'])
    expect(cookieValues('a=1', 'constructor')).toEqual([])
  })

  it('stay the same for any bytes that a client sends', () => {
    const seed = Math.floor(Math.random() * 2 ** 32)
    const random = generator(seed)
    for (let i = 0; i < 20_000; i++) {
      const header = Array.from({ length: random(30) }, () => ';= \ts"%\u00a0\u0000a,\\'[random(12)]).join('')
      expect([seed, header, cookieValues(header, 's')]).toEqual([seed, header, literally(header)])
    }
  })
})

/** The rules, said as plainly as they can be: slow, and surely right. */
function literally(header: string): string[] {
  const pairs = header.split(';').filter(pair => pair.includes('='))
  const split = pairs.map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])
  const trimmed = split.map(parts => parts.map(part => part.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '')))
  return trimmed.filter(([name]) => name === 's').map(([, value]) => value ?? '')
}

/** Whole numbers below a limit, the same for the same seed (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
