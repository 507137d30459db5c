import { describe, expect, it } from 'vitest'
import { isKeepsakeError } from '../errors.ts'
import { cookieWriter, type SetCookieOptions, stringifySetCookie } from './set-cookie.ts'

const safe: SetCookieOptions = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' }

/** The message of what a call throws, which must be COOKIE_INVALID. */
function refusal(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (isKeepsakeError(error, 'COOKIE_INVALID')) return error.message
    throw error
  }
  return 'nothing was refused'
}

describe('a Set-Cookie line', () => {
  it('has what was asked for and nothing else', () => {
    expect(stringifySetCookie('theme', 'dark')).toBe('theme=dark')
    expect(stringifySetCookie('__Host-session', 'abc', { ...safe, maxAge: 60 })).toBe(
      '__Host-session=abc; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax',
    )
  })

  it('has every attribute once, spelled as RFC 6265bis does', () => {
    const line = stringifySetCookie('s', 'abc', {
      ...{ maxAge: 1, expires: new Date(Date.UTC(2030, 0, 2, 3, 4, 5)), domain: 'example.com', path: '/shop' },
      ...{ httpOnly: true, secure: true, partitioned: true, priority: 'high', sameSite: 'none' },
    })
    expect(line).toBe(
      's=abc; Max-Age=1; Domain=example.com; Path=/shop; Expires=Wed, 02 Jan 2030 03:04:05 GMT; HttpOnly; Secure; Partitioned; Priority=High; SameSite=None',
    )
  })

  it('leaves out what is undefined or false', () => {
    const nothing = { maxAge: undefined, domain: undefined, secure: false, httpOnly: false, sameSite: undefined }
    expect(stringifySetCookie('s', 'v', nothing)).toBe('s=v')
  })

  it('deletes with a maxAge of 0', () => {
    expect(stringifySetCookie('s', '', { ...safe, maxAge: 0 })).toBe(
      's=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
    )
  })

  it('keeps a maxAge within the 400 days that browsers keep', () => {
    expect(stringifySetCookie('s', 'v', { maxAge: 34_560_000 })).toBe('s=v; Max-Age=34560000')
    expect(stringifySetCookie('s', 'v', { maxAge: 99_999_999 })).toBe('s=v; Max-Age=34560000')
  })

  it('drops the dot in front of a domain, which browsers ignore', () => {
    expect(stringifySetCookie('s', 'v', { domain: '.example.com' })).toBe('s=v; Domain=example.com')
  })

  it('may be as large as browsers keep', () => {
    expect(stringifySetCookie('s', 'v'.repeat(4095))).toHaveLength(4097)
    expect(stringifySetCookie('s', 'v', { path: `/${'p'.repeat(1023)}` })).toHaveLength(1034)
  })
})

describe('what RFC 6265 and its bis forbid, or browsers drop, is refused and never repaired (CVE-2024-47764, CVE-2026-56762)', () => {
  it.each([
    ['no name', ''],
    ['a blank', 'a b'],
    ['a tab, which Node lets pass', 'a\tb'],
    ['an equals sign', 'a=b'],
    ['a semicolon', 'a;b'],
    ['a comma', 'a,b'],
    ['a letter beyond ASCII, which Node lets pass', 'é'],
    ['a line break', 'a\r\nSet-Cookie: x'],
    ['a blank that is no space', '\u00a0x'],
    ['a quote', '"a"'],
    ['brackets', 'a[b]'],
  ])('a name with %s: %j', (_, name) => {
    expect(refusal(() => stringifySetCookie(name, 'v', safe))).toContain(JSON.stringify(name))
    expect(refusal(() => cookieWriter(name, safe))).toContain('is not a token')
  })

  it.each([
    ['a semicolon', 'a;b', 'U+003B at 1'],
    ['a comma', 'a,b', 'U+002C at 1'],
    ['a space', 'a b', 'U+0020 at 1'],
    ['a quote', '"quoted"', 'U+0022 at 0'],
    ['a backslash', 'a\\', 'U+005C at 1'],
    ['a line break', 'a\r\nX: y', 'U+000D at 1'],
    ['a zero', 'a\u0000', 'U+0000 at 1'],
    ['a delete', '\u007f', 'U+007F at 0'],
    ['a letter beyond ASCII', 'caf\u00e9', 'U+00E9 at 3'],
    ['an emoji', 'a\u{1f36a}', 'U+1F36A at 1'],
    ['half a surrogate pair', '\ud800', 'U+D800 at 0'],
  ])('a value with %s, with the way to encode it and without the value', (_, value, where) => {
    for (const call of [() => stringifySetCookie('s', value, safe), () => cookieWriter('s', safe)(value, null)]) {
      expect(refusal(call)).toContain(`the value of s has ${where}`)
      expect(refusal(call)).toContain('encodeURIComponent')
      expect(refusal(call)).not.toContain(JSON.stringify(value))
    }
  })

  it('a value that is not a text', () => {
    expect(refusal(() => stringifySetCookie('s', 7 as unknown as string))).toContain('the value of s is of type number')
  })

  it.each<[string, SetCookieOptions]>([
    ['a path with a semicolon', { path: '/; Domain=evil.example' }],
    ['a path with a line break', { path: '/\r\nX: y' }],
    ['a path beyond ASCII', { path: '/café' }],
    ['a path that does not begin with /, which browsers ignore', { path: 'shop' }],
    ['an empty path', { path: '' }],
    ['a path of more than 1024 bytes, which browsers ignore', { path: `/${'p'.repeat(1024)}` }],
    ['a domain with a semicolon', { domain: 'a.example; Secure' }],
    ['a domain with a port', { domain: 'example.com:8080' }],
    ['a domain with a wildcard', { domain: '*.example.com' }],
    ['a domain with a scheme', { domain: 'https://example.com' }],
    ['a domain with a control character', { domain: 'example.com\u0000' }],
    ['a domain that ends with a dot', { domain: 'example.com.' }],
    ['a domain of two dots', { domain: '..example.com' }],
    ['a domain beyond ASCII', { domain: 'bücher.example' }],
    ['an empty domain', { domain: '' }],
    ['a maxAge of NaN', { maxAge: Number.NaN }],
    ['an infinite maxAge', { maxAge: Number.POSITIVE_INFINITY }],
    ['a fractional maxAge', { maxAge: 10.6 }],
    ['a negative maxAge', { maxAge: -1 }],
    ['a maxAge that is a text', { maxAge: '60' as unknown as number }],
    ['an invalid date', { expires: new Date(Number.NaN) }],
    ['a date after the year 9999', { expires: new Date(Date.UTC(10_000, 0)) }],
    ['a date that is a text', { expires: 'tomorrow' as unknown as Date }],
    ['SameSite=None without Secure', { sameSite: 'none' }],
    ['SameSite=None with Secure turned off', { sameSite: 'none', secure: false }],
    ['Partitioned without Secure', { partitioned: true }],
    ['a sameSite that is none of the three', { sameSite: 'Lax' as 'lax' }],
    ['a priority that is none of the three', { priority: 'urgent' as 'high' }],
    ['a flag that is a text', { secure: 'false' as unknown as boolean }],
    ['a misspelt attribute', { httponly: true } as SetCookieOptions],
  ])('%s', (_, options) => {
    const [option = ''] = Object.keys(options)
    expect(refusal(() => stringifySetCookie('s', 'v', options))).toContain(`${option} `)
    if (option !== 'maxAge') expect(() => cookieWriter('s', options)).toThrow('COOKIE_INVALID')
  })

  it('a name and value of more than 4096 bytes', () => {
    expect(refusal(() => stringifySetCookie('s', 'v'.repeat(4096)))).toContain('4097 bytes')
    expect(refusal(() => cookieWriter('s', safe)('v'.repeat(4096), null))).toContain('4097 bytes')
  })
})

describe('a prefix promises attributes, in whatever case it is written', () => {
  const withoutPath = { secure: true, httpOnly: true }

  it.each<[string, SetCookieOptions]>([
    ['__Host-s', { ...safe, secure: false }],
    ['__Host-s', { ...safe, path: '/app' }],
    ['__Host-s', withoutPath],
    ['__Host-s', { ...safe, domain: 'example.com' }],
    ['__HOST-s', { ...safe, domain: 'example.com' }],
    ['__Secure-s', { ...safe, secure: false }],
    ['__secure-s', {}],
    ['__Http-s', { ...safe, httpOnly: false }],
    ['__Http-s', { ...safe, secure: false }],
    ['__http-s', { secure: true }],
    ['__Host-Http-s', { ...safe, httpOnly: false }],
    ['__Host-Http-s', { ...safe, domain: 'example.com' }],
    ['__host-http-s', { ...safe, path: '/app' }],
  ])('%s is refused with %o', (name, options) => {
    expect(refusal(() => stringifySetCookie(name, 'v', options))).toContain('the name promises ')
    expect(refusal(() => cookieWriter(name, options))).toContain('the name promises ')
  })

  it.each<[string, SetCookieOptions]>([
    ['__Host-s', { path: '/', secure: true }],
    ['__Secure-s', { secure: true, domain: 'example.com' }],
    ['__Http-s', withoutPath],
    ['__Host-Http-s', { ...withoutPath, path: '/' }],
  ])('%s is sent with %o', (name, options) => {
    expect(stringifySetCookie(name, 'v', options)).toContain(`${name}=v; `)
  })
})

describe('the writer of one cookie', () => {
  it('writes what stringifySetCookie does', () => {
    const options: SetCookieOptions = { ...safe, domain: '.example.com', partitioned: true, priority: 'low' }
    const write = cookieWriter('s', options)
    expect(write('abc', 60)).toBe(stringifySetCookie('s', 'abc', { ...options, maxAge: 60 }))
    expect(write('', 0)).toBe(stringifySetCookie('s', '', { ...options, maxAge: 0 }))
  })

  it('writes no Max-Age for a cookie that ends with the browser', () => {
    expect(cookieWriter('s', safe)('abc', null)).toBe('s=abc; Path=/; HttpOnly; Secure; SameSite=Lax')
  })

  it('refuses a maxAge that is not a whole number of seconds', () => {
    const write = cookieWriter('s', safe)
    for (const maxAge of [-1, 0.5, Number.NaN]) expect(refusal(() => write('v', maxAge))).toContain('maxAge of s')
    expect(write('v', 99_999_999)).toContain('Max-Age=34560000;')
  })
})
