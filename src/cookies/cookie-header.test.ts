import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCookies } from './parse-cookies.ts'
import { cookieValue, cookieValues } from './read-cookie.ts'
import { stringifySetCookie } from './set-cookie.ts'

// What a server reads from a `Cookie` header: RFC 6265bis section 5.7.3 backwards, and what has gone wrong with it elsewhere.

/** What each header gives to the cookie `s`. */
const table: [rule: string, header: string | undefined, values: string[]][] = [
  ['no header', undefined, []],
  ['an empty header', '', []],
  ['the only cookie', 's=GOOD', ['GOOD']],
  ['one among others', 'a=1; s=GOOD; b=2', ['GOOD']],
  ['two of the name, in either order', 's=GOOD; s=EVIL', ['GOOD', 'EVIL']],
  ['two of the name, in either order', 's=EVIL; s=GOOD', ['EVIL', 'GOOD']],
  ['quotes are part of the value (CVE-2023-26049)', 's="GOOD"', ['"GOOD"']],
  ['quotes do not hide a semicolon (CVE-2023-4639)', 'a="x; s=EVIL"; s=GOOD', ['EVIL"', 'GOOD']],
  ['a quote that is never closed ends with its pair', 'a="x; s=GOOD; b="', ['GOOD']],
  ['spaces and tabs around are trimmed', ' \ts \t=\t GOOD \t', ['GOOD']],
  ['no other blank is trimmed (CVE-2026-39410)', '\u00a0s=EVIL; \ufeffs=EVIL; s\u00a0=EVIL; s=GOOD', ['GOOD']],
  ['no other blank is trimmed (CVE-2026-39410)', '\u000bs=EVIL; \u0085s=EVIL; \r\ns=EVIL; s=GOOD', ['GOOD']],
  ['names are not decoded (CVE-2020-8184, CVE-2020-1045)', '%73=EVIL', []],
  ['names are not mangled (CVE-2020-7070, CVE-2022-31629, CVE-2024-2756)', '.s=EVIL; s.=EVIL; [s]=EVIL; s[=EVIL', []],
  ['names are compared with their case', 'S=EVIL', []],
  ['a nameless cookie is not a name (CVE-2023-23934)', '=s=EVIL', []],
  ['a name without a value', 's', []],
  ['a name without a value before one with', 's; s=GOOD', ['GOOD']],
  ['an empty value', 's=', ['']],
  ['equals signs in the value', 's=a=b==', ['a=b==']],
  ['commas and braces do not split (CVE-2016-7401)', 'a={"b":1,"s=":2},s=EVIL', []],
  ['commas do not join headers', 's=1, s=2', ['1, s=2']],
  ['there is no $Version', '$Version=1; $Path=/; s=GOOD; $Domain=x', ['GOOD']],
  ['values are not decoded', 's=%41%', ['%41%']],
  ['values are not unquoted (CVE-2024-7592)', 's="\\041\\""', ['"\\041\\""']],
  ['bytes beyond ASCII stay as the server delivers them', 's=\u00c3\u00a9', ['\u00c3\u00a9']],
  ['control characters do not crash', 's=a\u0000b\nc', ['a\u0000b\nc']],
  ['names that contain the name', 'ss=EVIL; as=EVIL; s.=EVIL', []],
  ['the name in a value', 'a=s=EVIL; b= s=EVIL; s=GOOD', ['GOOD']],
  ['nothing but separators', ';;;', []],
  ['nothing but equals signs', '=;=;=', []],
  ['names of Object.prototype', '__proto__=x; constructor=y', []],
]

describe('what a Cookie header gives to a name', () => {
  it.each(table)('%s: %j', (_, header, values) => {
    expect(cookieValues(header, 's')).toEqual(values)
    expect(cookieValue(header, 's')).toBe(values[0])
    expect(parseCookies(header).get('s')).toBe(values[0])
  })

  it.each(['', ' s', 's ', '\ts', 'a=s', 'a;s', 's=', ';s'])('is nothing for %j, which no pair is called', name => {
    const header = `s=1; a=s=2; a;s=3; ${name}=4; =5`
    expect(cookieValues(header, name)).toEqual([])
    expect(cookieValue(header, name)).toBeUndefined()
  })
})

describe('all cookies of a header', () => {
  it('are a Map: names that objects inherit are plain entries, or absent (CVE-2023-26136)', () => {
    const before = Object.getOwnPropertyNames(Object.prototype)
    const cookies = parseCookies('__proto__=x; constructor=y; toString=z; hasOwnProperty=1')
    expect([...cookies]).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['toString', 'z'],
      ['hasOwnProperty', '1'],
    ])
    expect(parseCookies('a=1').get('constructor')).toBeUndefined()
    expect(cookieValues('__proto__=x; constructor=y', 'constructor')).toEqual(['y'])
    expect(cookieValues('a=1', 'constructor')).toEqual([])
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  it('keep the first value of a name that is given twice, which the browser sends for the longest path', () => {
    expect([...parseCookies('dup=deep; other=1; dup=apex; dup=host')]).toEqual([
      ['dup', 'deep'],
      ['other', '1'],
    ])
  })

  it('do not become a prefixed one by its looks (CVE-2020-1045, CVE-2020-7070, CVE-2023-23934, CVE-2026-39410)', () => {
    const tricks = '__%48ost-s=1; ..Host-s=2; =__Host-s=3; \u00a0__Host-s=4; __HOST-s=5; [_Host-s=6; __Host-s\u00a0=7'
    expect(parseCookies(tricks).has('__Host-s')).toBe(false)
    expect(cookieValues(tricks, '__Host-s')).toEqual([])
  })

  it('are 256 at most', () => {
    const header = Array.from({ length: 300 }, (_, i) => `n${i}=${i}`).join('; ')
    expect(parseCookies(header).size).toBe(256)
    expect(parseCookies(header).get('n255')).toBe('255')
    expect(parseCookies(`${'a;'.repeat(7400)}s=1`)).toEqual(new Map([['s', '1']]))
  })

  it.each([
    ['segments without an equals sign', 'a;'],
    ['nameless pairs (CVE-2024-52804)', '=;'],
    ['pairs', 'a=b;'],
    ['the name, without an equals sign', 's;'],
    ['the name and blanks', 's      '],
    ['quotes (CVE-2024-7592)', '"\\'],
    ['percent signs', '%'],
    ['equals signs', '='],
    ['blanks', ' \t'],
  ])('take linear time: of %s, two megabytes are read before the test times out', (_, unit) => {
    // Quadratic time would be hours.
    const header = `x=${unit.repeat(2_000_000 / unit.length)};s`
    expect(parseCookies(header).has('x')).toBe(true)
    expect(cookieValues(header, 's').length).toBeLessThan(2)
    expect(cookieValue(header, 'absent')).toBeUndefined()
  })
})

describe('any bytes', () => {
  it('of a million headers are read as the rules say, and nothing throws', () => {
    const seed = Math.floor(Math.random() * 2 ** 32)
    const random = generator(seed)
    const before = Object.getOwnPropertyNames(Object.prototype).join()
    for (let i = 0; i < 1_000_000; i++) {
      const header = randomHeader(random)
      const difference = differenceIn(header)
      if (difference) expect.fail(`seed ${seed}, header ${i}: ${JSON.stringify(header)}: ${difference}`)
    }
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before)
  }, 120_000)

  it('that a cookie can hold come back as they went out', () => {
    const characters = (from: number, to: number): string[] =>
      Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i))
    const tokens = characters(0x21, 0x7e).filter(character => !'()<>@,;:\\"/[]?={}'.includes(character))
    const octets = characters(0x21, 0x7e).filter(character => !'",;\\'.includes(character))
    const text = (from: string[], minLength: number) =>
      fc.string({ unit: fc.constantFrom(...from), minLength, maxLength: 40 })
    const safe = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' } as const
    const property = fc.property(text(tokens, 1), text(octets, 0), (name, value) => {
      const line = stringifySetCookie(name, value, safe)
      const sent = line.slice(0, line.indexOf(';'))
      expect([...parseCookies(sent)]).toEqual([[name, value]])
      expect(cookieValues(`a=1; ${sent}; b=2`, name)).toContain(value)
    })
    fc.assert(property, { numRuns: 2000 })
  })
})

/** The rules of reading, said as plainly as they can be: slow, and surely right. */
function literally(header: string): [name: string, value: string][] {
  const pairs = header.split(';').filter(pair => pair.includes('='))
  const split = pairs.map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])
  const trimmed = split.map(parts => parts.map(part => part.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '')))
  return trimmed.filter(([name]) => name !== '').map(([name = '', value = '']) => [name, value])
}

/** What is read otherwise than the rules say; an empty text if nothing is. */
function differenceIn(header: string): string {
  const pairs = literally(header)
  const first = new Map<string, string>()
  for (const [name, value] of pairs.slice(0, 256)) if (!first.has(name)) first.set(name, value)
  const parsed = parseCookies(header)
  if (JSON.stringify([...parsed]) !== JSON.stringify([...first]))
    return `parseCookies gives ${JSON.stringify([...parsed])}`
  for (const name of ['s', 'absent', ...first.keys()]) {
    const values = pairs.filter(([other]) => other === name).map(([, value]) => value)
    const found = cookieValues(header, name)
    if (JSON.stringify(found) !== JSON.stringify(values))
      return `${JSON.stringify(name)} gives ${JSON.stringify(found)}`
    if (cookieValue(header, name) !== values[0]) return `${JSON.stringify(name)} gives ${cookieValue(header, name)}`
  }
  return ''
}

const telling = [
  's',
  ';',
  '=',
  ' ',
  '\t',
  '"',
  '%',
  '\u00a0',
  '\u0000',
  ',',
  '\\',
  '; ',
  's=',
  '; s=',
  '__Host-s',
  '%73',
]

/** Mostly what means something in a header, and any other byte now and then. */
function randomHeader(random: (below: number) => number): string {
  let header = ''
  for (let length = random(24); length > 0; length--) {
    header += random(4) > 0 ? telling[random(telling.length)] : String.fromCharCode(random(256))
  }
  return header
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
