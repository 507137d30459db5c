import { describe, expect, it } from 'vitest'
import { checkedOrigins, checkOrigin, type OriginCheck } from './check-origin.ts'

const own = 'https://app.example.com'
const partner = 'https://partner.example'

interface Sent {
  readonly site?: string | undefined
  readonly origin?: string | undefined
  readonly referer?: string | undefined
}

/** 'allowed', or why not. */
function verdict(sent: Sent, options: Partial<OriginCheck> = {}): string {
  const headers = { 'sec-fetch-site': sent.site, origin: sent.origin, referer: sent.referer }
  const check = { method: 'POST', header: (name: keyof typeof headers) => headers[name], ownOrigins: [own], ...options }
  const found = checkOrigin(check)
  return found.allowed ? 'allowed' : found.reason
}

const unsafe = ['POST', 'PUT', 'PATCH', 'DELETE', 'post', 'get', 'Get', '', 'PROPFIND', 'GET ']

/** What `Sec-Fetch-Site` alone decides; null: it says nothing. */
const sites: readonly (readonly [site: string | undefined, decided: string | null])[] = [
  ['same-origin', 'allowed'],
  ['none', 'allowed'],
  ['same-site', 'same-site'],
  ['cross-site', 'cross-site'],
  [undefined, null],
  ['', null],
  ['garbage', null],
  ['Same-Origin', null],
  ['same-origin, same-origin', null],
  ['same-origin, cross-site', null],
]

/** What `Origin` decides then; null: it says nothing. */
const origins: readonly (readonly [origin: string | undefined, decided: string | null])[] = [
  [own, 'allowed'],
  ['https://app.example.com:8443', 'foreign-origin'],
  ['http://app.example.com', 'foreign-origin'],
  ['null', 'foreign-origin'],
  [undefined, null],
  ['', 'foreign-origin'],
  ['https://app.example.com.evil.com', 'foreign-origin'],
  ['https://evil.com/https://app.example.com', 'foreign-origin'],
  ['https://example.com', 'foreign-origin'],
  ['https://other.app.example.com', 'foreign-origin'],
  ['https://app.example.com@evil.com', 'foreign-origin'],
  ['https://app.example.com/', 'foreign-origin'],
  [`${own}, ${own}`, 'foreign-origin'],
  [`${own} https://evil.com`, 'foreign-origin'],
]

/** What `Referer` decides at last. */
const referers: readonly (readonly [referer: string | undefined, decided: string])[] = [
  [`${own}/form?x=1`, 'allowed'],
  ['https://app.example.com:443/', 'allowed'],
  ['https://app.example.com.evil.com/', 'foreign-referer'],
  ['https://evil.com/https://app.example.com/', 'foreign-referer'],
  ['https://app.example.com@evil.com/', 'foreign-referer'],
  ['http://app.example.com/', 'foreign-referer'],
  ['data:text/html,x', 'foreign-referer'],
  ['not a url', 'foreign-referer'],
  ['', 'no-origin'],
  [undefined, 'no-origin'],
]

const matrix = unsafe.flatMap(method =>
  sites.flatMap(([site, bySite]) =>
    origins.flatMap(([origin, byOrigin]) =>
      referers.map(([referer, byReferer]) => {
        return { method, site, origin, referer, expected: bySite ?? byOrigin ?? byReferer }
      }),
    ),
  ),
)

describe('a request that may change something', () => {
  it(`is judged by Sec-Fetch-Site, then Origin, then Referer, then refused: ${matrix.length} requests`, () => {
    const wrong = matrix.filter(({ method, expected, ...sent }) => verdict(sent, { method }) !== expected)
    expect(wrong).toEqual([])
    const outcomes = ['allowed', 'same-site', 'cross-site', 'foreign-origin', 'foreign-referer', 'no-origin']
    expect(new Set(matrix.map(({ expected }) => expected))).toEqual(new Set(outcomes))
  })

  it('is not made a safe one by a spelling that a framework may read as GET', () => {
    expect(verdict({ site: 'cross-site' }, { method: 'get' })).toBe('cross-site')
  })

  it('is allowed from a trusted origin, by Origin, or by Referer where there is no Origin', () => {
    const trusted = { trustedOrigins: [partner] }
    expect(verdict({ site: 'cross-site', origin: partner }, trusted)).toBe('allowed')
    expect(verdict({ origin: partner }, trusted)).toBe('allowed')
    expect(verdict({ referer: `${partner}/page` }, trusted)).toBe('allowed')
    expect(verdict({ site: 'cross-site', referer: `${partner}/page` }, trusted)).toBe('cross-site')
    expect(verdict({ site: 'cross-site', origin: `${partner}.evil.com` }, trusted)).toBe('cross-site')
    expect(verdict({ site: 'cross-site', origin: 'http://partner.example' }, trusted)).toBe('cross-site')
  })

  it('is allowed from sibling hosts if they are trusted, and from other sites never', () => {
    const siblings = { trustSameSite: true }
    expect(verdict({ site: 'same-site', origin: 'https://blog.example.com' }, siblings)).toBe('allowed')
    expect(verdict({ site: 'cross-site', origin: own }, siblings)).toBe('cross-site')
    expect(verdict({ origin: 'https://blog.example.com' }, siblings)).toBe('foreign-origin')
  })

  it('is never allowed from the origin of a sandbox, whatever the lists say', () => {
    expect(verdict({ origin: 'null' }, { ownOrigins: ['null'], trustedOrigins: ['null'] })).toBe('foreign-origin')
    expect(verdict({ referer: 'data:text/html,x' }, { ownOrigins: ['null'] })).toBe('foreign-referer')
  })

  it('is refused where the site does not know its own origin and the browser says nothing of the site', () => {
    expect(verdict({ origin: own }, { ownOrigins: [] })).toBe('foreign-origin')
    expect(verdict({ site: 'same-origin', origin: own }, { ownOrigins: [] })).toBe('allowed')
  })
})

describe('a request that changes nothing', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE'])('%s is allowed from everywhere', method => {
    expect(verdict({ site: 'cross-site', origin: 'https://evil.com' }, { method })).toBe('allowed')
  })
})

describe('lists of origins', () => {
  it('that browsers send are taken as they are', () => {
    const list = [own, 'http://localhost:3000', 'http://[::1]:8080', 'https://xn--bcher-kva.example']
    expect(checkedOrigins('trustedOrigins', list)).toBe(list)
  })

  it.each([
    'app.example.com',
    'https://app.example.com/',
    'https://app.example.com:443',
    'https://App.example.com',
    'https://*.example.com',
    'https://bücher.example',
    'null',
    '',
    'file:///etc',
  ])('%j would never match, or match too much, and does not start', wrong => {
    expect(() => checkedOrigins('trustedOrigins', [own, wrong])).toThrow(/OPTION_INVALID.*trustedOrigins/)
  })
})
