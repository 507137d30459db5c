import { describe, expect, it } from 'vitest'
import { isSafeNext } from './safe-next.ts'

const safe = (url: string): boolean => isSafeNext(url, { allowedHosts: ['shop.example'], requireHttps: true })

describe('where a login may lead to', () => {
  it.each([
    '/',
    '/account?next=//evil.example',
    'relative/path',
    '?page=2',
    '#top',
    'https://shop.example/',
    ' /cart ',
    '/a:b',
  ])('%j stays on the site', url => {
    expect(safe(url)).toBe(true)
  })

  it.each([
    ...[
      '//evil.example',
      '///evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      'https://evil.example',
      'https:evil',
    ],
    ...['https:///evil.example', 'https://shop.example@evil.example', 'https://evil.example\\@shop.example'],
    ...['https://shop.example:444/', 'https://SHOP.example/', 'http://shop.example/', '//shop.example/'],
    ...['javascript:alert(1)', 'java\nscript:alert(1)', '\x08//evil.example', '\t//evil.example', '/\t/evil.example'],
    ...['\u200b//evil.example', 'data:text/html,x', '', ' ', '\n', `/${'a'.repeat(2048)}`],
    ...['https://[::1', 'https://shop.example]/'],
  ])('%j does not', url => {
    expect(safe(url)).toBe(false)
  })

  it('is nowhere, if nothing was asked for', () => {
    expect([null, undefined, 1 as never].map(url => isSafeNext(url))).toEqual([false, false, false])
  })

  it('may be another host only if that is allowed, port included', () => {
    expect(isSafeNext('http://localhost:3000/x', { allowedHosts: ['localhost:3000'] })).toBe(true)
    expect(isSafeNext('http://localhost:3000/x', { allowedHosts: ['localhost'] })).toBe(false)
    expect(isSafeNext('http://localhost:3000/x')).toBe(false)
  })
})
