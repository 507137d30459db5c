import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { withSessions } from '../src/adapters/fetch.ts'
import { cookies, type Jar, type KeyedJar, keyRing, parseCookies, stringifySetCookie } from '../src/cookies/index.ts'
import { createSessions } from '../src/create-sessions.ts'
import { memoryStore } from '../src/stores/memory.ts'
import { CookieJar } from '../src/testing/cookie-jar.ts'
import { fakeClock } from '../src/testing/fake-clock.ts'

// Each test has the name of the test in Django's own suite (tests/responses/test_cookie.py, tests/httpwrappers,
// tests/signed_cookies_tests) whose behaviour it shows. Where ours differs, docs/django.md says how and why.

/** The `Set-Cookie` lines of a request that does this with its jar. */
async function linesOf(use: (jar: Jar) => void): Promise<string[]> {
  const handler = withSessions(createSessions({ store: memoryStore() }), request => {
    use(cookies(request))
    return new Response('')
  })
  return (await handler(new Request('https://site.example/'))).headers.getSetCookie()
}

describe('SetCookieTests', () => {
  it('test_far_expiration: the date is sent as it was given', async () => {
    const [line] = await linesOf(jar => jar.set('datetime', '1', { expires: new Date(Date.UTC(2038, 0, 1, 4, 5, 6)) }))
    expect(line).toContain('; Expires=Fri, 01 Jan 2038 04:05:06 GMT;')
  })

  it('test_near_expiration, test_aware_expiration: a date has one meaning, in any time zone', async () => {
    const expires = new Date('2030-01-01T02:00:00+02:00')
    const [line] = await linesOf(jar => jar.set('datetime', '1', { expires }))
    expect(line).toContain('; Expires=Tue, 01 Jan 2030 00:00:00 GMT;')
    expect(line).not.toContain('Max-Age')
  })

  it('test_create_cookie_after_deleting_cookie: what is set after a deletion does not expire', async () => {
    const lines = await linesOf(jar => {
      jar.set('c', 'old', { maxAge: 10 })
      jar.delete('c')
      jar.set('c', 'new')
    })
    expect(lines).toEqual(['c=new; Path=/; HttpOnly; Secure; SameSite=Lax'])
  })

  it('test_max_age_expiration: a cookie lasts as many seconds as maxAge says', async () => {
    const clock = fakeClock()
    const handler = withSessions(createSessions({ store: memoryStore() }), request => {
      if (request.url.endsWith('/set')) cookies(request).set('max_age', '1', { maxAge: 10 })
      return new Response(cookies(request).get('max_age') ?? 'gone')
    })
    const browser = new CookieJar({ clock, fetch: (url, init) => handler(new Request(url, init)) })
    const seen = async (path: string) => (await browser.fetch(`https://site.example${path}`)).text()
    await seen('/set')
    clock.advance('9s')
    expect(await seen('/')).toBe('1')
    clock.advance('1s')
    expect(await seen('/')).toBe('gone')
  })

  it('test_max_age_int, test_max_age_timedelta: a fraction of a second is refused, and so is what is not a number', () => {
    expect(() => stringifySetCookie('c', '1', { maxAge: 10.6 })).toThrow(/COOKIE_INVALID.*10\.6/)
    expect(() => stringifySetCookie('c', '1', { maxAge: '1h' as unknown as number })).toThrow('COOKIE_INVALID')
    expect(stringifySetCookie('c', '1', { maxAge: 3600 })).toBe('c=1; Max-Age=3600')
  })

  it('test_max_age_with_expires: both may be given, and browsers go by maxAge', () => {
    const line = stringifySetCookie('c', '1', { maxAge: 1, expires: new Date(Date.UTC(2030, 0, 1)) })
    expect(line).toBe('c=1; Max-Age=1; Expires=Tue, 01 Jan 2030 00:00:00 GMT')
  })

  it('test_httponly_cookie, test_httponly_after_load: HttpOnly is there unless it was turned off', async () => {
    expect(await linesOf(jar => jar.set('c', '1'))).toEqual([expect.stringContaining('; HttpOnly')])
    expect(await linesOf(jar => jar.set('c', '1', { httpOnly: false }))).toEqual(['c=1; Path=/; Secure; SameSite=Lax'])
  })

  it('test_unicode_cookie: a value beyond ASCII goes there and back when it is encoded', () => {
    const value = '清風'
    const line = stringifySetCookie('test', encodeURIComponent(value))
    expect(decodeURIComponent(parseCookies(line).get('test') ?? '')).toBe(value)
    expect(() => stringifySetCookie('test', value)).toThrow('encodeURIComponent')
  })

  it('test_samesite, test_invalid_samesite: one of three, and none only with Secure', () => {
    expect(stringifySetCookie('c', '1', { sameSite: 'lax' })).toBe('c=1; SameSite=Lax')
    expect(stringifySetCookie('c', '1', { sameSite: 'strict' })).toBe('c=1; SameSite=Strict')
    expect(stringifySetCookie('c', '1', { sameSite: 'none', secure: true })).toBe('c=1; Secure; SameSite=None')
    expect(() => stringifySetCookie('c', '1', { sameSite: 'none' })).toThrow('COOKIE_INVALID')
    expect(() => stringifySetCookie('c', '1', { sameSite: 'invalid' as 'lax' })).toThrow(/"invalid".*lax, strict, none/)
  })

  it('names: what is no token is refused (CookieError)', () => {
    for (const name of ['k;x', 'k x', '']) expect(() => stringifySetCookie(name, 'v')).toThrow('COOKIE_INVALID')
  })

  it('path=None: no Path, where stringifySetCookie is given none', () => {
    expect(stringifySetCookie('k', 'v')).toBe('k=v')
  })

  it('values that Django sends bare are sent bare', () => {
    expect(stringifySetCookie('k', "!#$%&'*+-.^_`|~:abc")).toBe("k=!#$%&'*+-.^_`|~:abc")
  })
})

describe('DeleteCookieTests', () => {
  it('test_default: no value, no time left, path /', async () => {
    expect(await linesOf(jar => jar.delete('c'))).toEqual(['c=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax'])
  })

  it('test_delete_cookie_secure_prefix: a prefixed cookie is deleted with what its prefix asks for', async () => {
    for (const name of ['__Secure-c', '__Host-c', '__Http-c', '__Host-Http-c']) {
      expect(await linesOf(jar => jar.delete(name))).toEqual([
        expect.stringMatching(/^\S+=; .*Path=\/; HttpOnly; Secure;/),
      ])
    }
  })

  it('test_delete_cookie_samesite, test_delete_cookie_secure_samesite_none: SameSite is that of the cookie', async () => {
    expect(await linesOf(jar => jar.delete('c', { sameSite: 'lax' }))).toEqual([
      expect.stringContaining('SameSite=Lax'),
    ])
    expect(await linesOf(jar => jar.delete('c', { sameSite: 'none' }))).toEqual([
      expect.stringContaining('; Secure; SameSite=None'),
    ])
  })

  it('with the path and the domain that it was set with', async () => {
    const lines = await linesOf(jar => jar.delete('sessionid', { path: '/example/', domain: '.example.local' }))
    expect(lines).toEqual([
      'sessionid=; Max-Age=0; Domain=example.local; Path=/example/; HttpOnly; Secure; SameSite=Lax',
    ])
  })
})

describe('CookieTests: what Django and Keepsake read alike', () => {
  it.each<[test: string, header: string, pairs: [string, string][]]>([
    [
      'test_python_cookies',
      'chips=ahoy; vienna=finger',
      [
        ['chips', 'ahoy'],
        ['vienna', 'finger'],
      ],
    ],
    ['test_python_cookies', 'keebler=E=mc2', [['keebler', 'E=mc2']]],
    ['test_python_cookies', 'key:term=value:term', [['key:term', 'value:term']]],
    [
      'test_python_cookies',
      'a=b; c=[; d=r; f=h',
      [
        ['a', 'b'],
        ['c', '['],
        ['d', 'r'],
        ['f', 'h'],
      ],
    ],
    [
      'test_cookie_edgecases',
      'a=b; Domain=example.com',
      [
        ['a', 'b'],
        ['Domain', 'example.com'],
      ],
    ],
    [
      'test_nonstandard_keys',
      'good_cookie=yes;bad:cookie=yes',
      [
        ['good_cookie', 'yes'],
        ['bad:cookie', 'yes'],
      ],
    ],
    [
      'test_repeated_nonstandard_keys',
      'a:=b; c=d; a:=b',
      [
        ['a:', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'test_invalid_cookies',
      'a b c=d e = f; gh=i',
      [
        ['a b c', 'd e = f'],
        ['gh', 'i'],
      ],
    ],
    ['test_invalid_cookies', 'a   b,c<>@:/[]?{}=d  "  =e,f g', [['a   b,c<>@:/[]?{}', 'd  "  =e,f g']]],
    // As a text: over a socket, Node delivers these bytes as Latin-1.
    ['test_invalid_cookies', 'saint=André Bessette', [['saint', 'André Bessette']]],
    ['no decoding', 'a=%20b', [['a', '%20b']]],
    ['nothing', '', []],
    ['nothing but separators', ';;;', []],
    [
      '$Version',
      '$Version=1; a=b',
      [
        ['$Version', '1'],
        ['a', 'b'],
      ],
    ],
    ['two equals signs', 'a==b', [['a', '=b']]],
    ['a comma', 'a=b,c=d', [['a', 'b,c=d']]],
    [
      'names of objects',
      '__proto__=x; constructor=y',
      [
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ],
    ],
    // And where they differ: no names are made up, nothing is unquoted, and of two values the first stays.
    [
      'test_python_cookies',
      'keebler="E=mc2; L=\\"Loves\\"; fudge=\\012;"',
      [
        ['keebler', '"E=mc2'],
        ['L', '\\"Loves\\"'],
        ['fudge', '\\012'],
      ],
    ],
    [
      'test_cookie_edgecases, of two values',
      'a=b; h=i; a=c',
      [
        ['a', 'b'],
        ['h', 'i'],
      ],
    ],
    [
      'test_invalid_cookies, without a name',
      'abc=def; unnamed; django_language=en',
      [
        ['abc', 'def'],
        ['django_language', 'en'],
      ],
    ],
    [
      'test_invalid_cookies, a lone quote',
      'a=b; "; c=d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['test_invalid_cookies, blanks', '  =  b  ;  ;  =  ;   c  =  ;  ', [['c', '']]],
    ['test_encode, test_decode', 'q="a\\054b\\073c"', [['q', '"a\\054b\\073c"']]],
  ])('%s: %j', (_, header, pairs) => {
    expect([...parseCookies(header)]).toEqual(pairs)
  })
})

describe('SignedCookieTest', () => {
  const clock = fakeClock()
  const ring = keyRing(randomBytes(32).toString('base64'))
  const handlerOf = (use: (jar: KeyedJar) => string | undefined) =>
    withSessions(createSessions({ store: memoryStore() }), request => {
      return new Response(use(cookies(request, ring, { clock })) ?? 'default')
    })

  /** What a later request reads of what an earlier one set, and the line that the browser got. */
  async function signed(
    set: (jar: KeyedJar) => void,
    get: (jar: KeyedJar) => string | undefined,
    change: (value: string) => string = value => value,
  ): Promise<{ line: string; read: string }> {
    const setting = handlerOf(jar => {
      set(jar)
      return 'set'
    })
    const [line = ''] = (await setting(new Request('https://site.example/'))).headers.getSetCookie()
    const cookie = line.slice(0, line.indexOf(';')).replace(/(?<==).*/, change)
    const response = await handlerOf(get)(new Request('https://site.example/', { headers: { cookie } }))
    return { line, read: await response.text() }
  }

  it('test_can_set_and_read_signed_cookies', async () => {
    const { read } = await signed(
      jar => jar.setSigned('c', 'hello'),
      jar => jar.getSigned('c'),
    )
    expect(read).toBe('hello')
  })

  it('test_can_use_salt: what was set for one purpose is nothing for another', async () => {
    const set = (jar: KeyedJar) => jar.setSigned('a', 'hello', { purpose: 'one' })
    expect((await signed(set, jar => jar.getSigned('a', { purpose: 'one' }))).read).toBe('hello')
    expect((await signed(set, jar => jar.getSigned('a', { purpose: 'two' }))).read).toBe('default')
  })

  it('name and purpose do not run into each other, as name and salt once did', async () => {
    const set = (jar: KeyedJar) => jar.setSigned('a', 'v', { purpose: 'bc' })
    const value = (await signed(set, () => 'set')).line
    const cookie = value.slice(0, value.indexOf(';')).replace('a=', 'ab=')
    const read = handlerOf(jar => jar.getSigned('ab', { purpose: 'c' }))
    expect(await (await read(new Request('https://site.example/', { headers: { cookie } }))).text()).toBe('default')
  })

  it('test_detects_tampering, test_default_argument_suppresses_exceptions: what is bad is absent, and never an error', async () => {
    const set = (jar: KeyedJar) => jar.setSigned('c', 'hello')
    const get = (jar: KeyedJar) => jar.getSigned('c')
    for (const change of [(value: string) => `${value.slice(0, -2)}$$`, () => 'hello', () => '']) {
      expect((await signed(set, get, change)).read).toBe('default')
    }
  })

  it('test_max_age_argument: as old as maxAge is good, older is absent', async () => {
    const readAt = async (maxAge: number) => {
      const moment = new Date(clock())
      const { read } = await signed(
        jar => {
          jar.setSigned('c', 'hello')
          clock.advance('11s')
        },
        jar => jar.getSigned('c', { maxAge }),
      )
      clock.set(moment)
      return read
    }
    expect([await readAt(12), await readAt(11), await readAt(10)]).toEqual(['hello', 'hello', 'default'])
  })

  it('test_set_signed_cookie_max_age_argument: the cookie has it too', async () => {
    const { line } = await signed(
      jar => jar.setSigned('c', 'value', { maxAge: 100 }),
      jar => jar.getSigned('c'),
    )
    expect(line).toContain('; Max-Age=100;')
  })

  it('any text comes back', async () => {
    const { read } = await signed(
      jar => jar.setSigned('c', '清:風 "quoted"'),
      jar => jar.getSigned('c'),
    )
    expect(read).toBe('清:風 "quoted"')
  })
})
