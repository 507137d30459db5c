import { describe, expect, it } from 'vitest'
import { type CookieAttributes, stringifySetCookie } from './set-cookie.ts'

const safe: CookieAttributes = {
  path: '/',
  domain: undefined,
  secure: true,
  httpOnly: true,
  sameSite: 'lax',
  partitioned: false,
}

describe('a Set-Cookie line', () => {
  it('says everything and leaves nothing to the browser', () => {
    expect(stringifySetCookie('__Host-session', 'abc', safe, 60)).toBe(
      '__Host-session=abc; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax',
    )
  })

  it('has no Max-Age when the cookie ends with the browser', () => {
    expect(stringifySetCookie('s', 'abc', safe, null)).toBe('s=abc; Path=/; HttpOnly; Secure; SameSite=Lax')
  })

  it('says Domain and Partitioned where they are asked for', () => {
    const line = stringifySetCookie('s', 'abc', { ...safe, domain: 'example.com', partitioned: true }, null)
    expect(line).toBe('s=abc; Domain=example.com; Path=/; HttpOnly; Secure; Partitioned; SameSite=Lax')
  })

  it.each(['', 'a b', 'a=b', 'a;b', 'a,b', 'é', 'a\r\nSet-Cookie: b', '\u00a0x'])('refuses the name %j', name => {
    expect(() => stringifySetCookie(name, 'v', safe, null)).toThrow('COOKIE_INVALID')
  })

  it.each([
    ['a path with a semicolon', { path: '/; Domain=evil.example' }],
    ['a path with a line break', { path: '/\r\nX: y' }],
    ['a domain with a semicolon', { domain: 'a.example; Secure' }],
    ['SameSite=None without Secure, which browsers drop', { sameSite: 'none', secure: false }],
    ['Partitioned without Secure, which browsers drop', { partitioned: true, secure: false }],
  ] as const)('refuses %s', (_, attributes) => {
    expect(() => stringifySetCookie('s', 'v', { ...safe, ...attributes }, null)).toThrow('COOKIE_INVALID')
  })

  it.each([
    ['__Host-s', { secure: false }],
    ['__Host-s', { path: '/app' }],
    ['__Host-s', { domain: 'example.com' }],
    ['__HOST-s', { domain: 'example.com' }],
    ['__Secure-s', { secure: false }],
    ['__secure-s', { secure: false }],
    ['__Http-s', { httpOnly: false }],
    ['__Host-Http-s', { httpOnly: false }],
    ['__host-http-s', { path: '/app' }],
  ] as const)('refuses the name %s with %o, whose promise they break', (name, attributes) => {
    expect(() => stringifySetCookie(name, 'v', { ...safe, ...attributes }, null)).toThrow('COOKIE_INVALID')
  })
})
