import { describe, expect, it } from 'vitest'
import { withSessions } from '../adapters/fetch.ts'
import { createSessions } from '../create-sessions.ts'
import { encryptedCookie } from '../engines/encrypted-cookie.ts'
import type { SessionEvent } from '../events.ts'
import { memoryStore } from '../stores/memory.ts'
import { bearer, header, type SessionTransport } from './index.ts'

interface Data {
  visits: number
}

const secrets = 'Nf0tN7mZ1xqzWqCkzjYxQ2c0u1n3vLhM8JrGdPpTwSE'

/** A site that counts visits, whose sessions travel so. Its answers are `<visits>`. */
function site(transport: SessionTransport | readonly SessionTransport[], engine?: ReturnType<typeof encryptedCookie>) {
  const events: SessionEvent[] = []
  const options = { transport, onEvent: (event: SessionEvent) => void events.push(event) }
  const sessions = engine
    ? createSessions<Data>({ engine, ...options })
    : createSessions<Data>({ store: memoryStore(), ...options })
  const handler = withSessions(sessions, async request => {
    if (request.url.endsWith('/plain')) return new Response('plain')
    const session = await sessions.of(request)
    if (request.url.endsWith('/logout')) session.destroy()
    else if (request.url.endsWith('/rotate')) session.rotate({ userId: 'ada' })
    else if (!request.url.endsWith('/read')) session.update('visits', (n = 0) => n + 1)
    return new Response(String(session.get('visits', 0)))
  })
  const visit = (headers: Record<string, string> = {}, path = '/'): Promise<Response> =>
    handler(new Request(`https://site.example${path}`, { headers }))
  return { visit, events }
}

const tokenLike = /^[\w-]{43}$/

describe('a client whose session travels in a header', () => {
  it('gets its token in the answer, no cookie, and is known by it from then on', async () => {
    const { visit } = site(header('X-Session'))
    const first = await visit()
    const token = first.headers.get('X-Session') ?? ''
    expect(token).toMatch(tokenLike)
    expect(first.headers.getSetCookie()).toEqual([])
    expect(first.headers.get('Vary')).toBe('X-Session')
    expect(first.headers.get('Cache-Control')).toBe('private, no-store')
    const second = await visit({ 'x-session': token })
    expect(await second.text()).toBe('2')
    expect(second.headers.get('X-Session')).toBe(null)
  })

  it('is not known by a cookie', async () => {
    const { visit } = site(header('X-Session'))
    const token = (await visit()).headers.get('X-Session')
    expect(await (await visit({ Cookie: `__Host-session=${token}` }, '/read')).text()).toBe('0')
  })

  it('gets a new token when it logs in, and the old one leads nowhere', async () => {
    const { visit } = site(header('X-Session'))
    const old = (await visit()).headers.get('X-Session') ?? ''
    const renewed = (await visit({ 'X-Session': old }, '/rotate')).headers.get('X-Session') ?? ''
    expect(renewed).toMatch(tokenLike)
    expect(await (await visit({ 'X-Session': old }, '/read')).text()).toBe('0')
    expect(await (await visit({ 'X-Session': renewed }, '/read')).text()).toBe('1')
  })

  it('is told to forget the token when it logs out', async () => {
    const { visit } = site(header('X-Session'))
    const token = (await visit()).headers.get('X-Session') ?? ''
    expect((await visit({ 'X-Session': token }, '/logout')).headers.get('X-Session')).toBe('none')
    expect(await (await visit({ 'X-Session': token }, '/read')).text()).toBe('0')
  })

  it('is nobody with a token that cannot be ours, or two of them', async () => {
    const { visit, events } = site(header('X-Session'))
    const token = (await visit()).headers.get('X-Session')
    for (const value of ['', 'x', 'a'.repeat(6000), `${token}, ${token}`]) {
      expect(await (await visit({ 'X-Session': value }, '/read')).text()).toBe('0')
    }
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['cookie-malformed']))
  })

  it('leaves a request that does not ask for it as it was', async () => {
    const response = await site(header('X-Session')).visit({}, '/plain')
    expect([...response.headers.keys()]).toEqual(['content-type'])
  })

  it('may have a session that rests in its token', async () => {
    const { visit } = site(header('X-Session'), encryptedCookie({ secrets }))
    const value = (await visit()).headers.get('X-Session') ?? ''
    const second = await visit({ 'X-Session': value })
    expect(await second.text()).toBe('2')
    expect(second.headers.get('X-Session')).not.toBe(value)
  })
})

describe('a client whose session travels as a bearer token', () => {
  it('sends it in Authorization, and gets it in Session-Token', async () => {
    const { visit } = site(bearer())
    const first = await visit()
    const token = first.headers.get('Session-Token') ?? ''
    expect(first.headers.get('Vary')).toBe('Authorization')
    for (const [visits, scheme] of [
      ['2', 'Bearer'],
      ['3', 'bearer'],
      ['4', 'BEARER '],
    ] as const) {
      expect(await (await visit({ Authorization: `${scheme} ${token}` })).text()).toBe(visits)
    }
  })

  it('gets it in the header that the program named', async () => {
    expect((await site(bearer({ responseHeader: 'X-Token' })).visit()).headers.get('X-Token')).toMatch(tokenLike)
  })

  it('is nobody with credentials of another scheme, and nothing is reported', async () => {
    const { visit, events } = site(bearer())
    const token = (await visit()).headers.get('Session-Token')
    for (const credentials of ['Basic YTpi', `Bearertoken ${token}`, `Digest ${token}`, token ?? '']) {
      expect(await (await visit({ Authorization: credentials }, '/read')).text()).toBe('0')
    }
    expect(events).toEqual([])
  })
})

describe('browsers and apps on one site', () => {
  const both = ['cookie', bearer()] as const

  it('a browser gets its token in the cookie alone, where no script can read it', async () => {
    const { visit } = site(both)
    const first = await visit()
    expect(first.headers.getSetCookie().length).toBe(1)
    expect(first.headers.get('Session-Token')).toBe(null)
    expect(first.headers.get('Vary')).toBe('Cookie, Authorization')
    const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const rotated = await visit({ Cookie: cookie }, '/rotate')
    expect(rotated.headers.getSetCookie().length).toBe(1)
    expect(rotated.headers.get('Session-Token')).toBe(null)
  })

  it('an app asks for a token with `none`, and never gets a cookie', async () => {
    const { visit, events } = site(both)
    const first = await visit({ Authorization: 'Bearer none' })
    const token = first.headers.get('Session-Token') ?? ''
    expect(token).toMatch(tokenLike)
    expect(first.headers.getSetCookie()).toEqual([])
    const rotated = await visit({ Authorization: `Bearer ${token}` }, '/rotate')
    expect(rotated.headers.get('Session-Token')).toMatch(tokenLike)
    expect(rotated.headers.getSetCookie()).toEqual([])
    expect(events).toEqual([])
  })

  it('the first of the list serves a client that says nothing', async () => {
    const first = await site([header('X-Session'), 'cookie']).visit()
    expect(first.headers.get('X-Session')).toMatch(tokenLike)
    expect(first.headers.getSetCookie()).toEqual([])
  })

  it('a request with two different tokens is nobody: which of them is meant cannot be told', async () => {
    const { visit, events } = site(both)
    const cookie = (await visit()).headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const token = (await visit({ Authorization: 'Bearer none' })).headers.get('Session-Token')
    const answer = await visit({ Cookie: cookie, Authorization: `Bearer ${token}` }, '/read')
    expect(await answer.text()).toBe('0')
    expect(events).toEqual([{ type: 'cookie-duplicate', count: 2 }])
    const same = cookie.slice(cookie.indexOf('=') + 1)
    expect(await (await visit({ Cookie: cookie, Authorization: `Bearer ${same}` }, '/read')).text()).toBe('1')
  })

  it('a script that asks for a token never gets that of the cookie which its browser sends along', async () => {
    const { visit } = site(both)
    const cookie = (await visit()).headers.getSetCookie()[0]?.split(';')[0] ?? ''
    for (const path of ['/', '/rotate', '/read', '/logout']) {
      const answer = await visit({ Cookie: cookie, Authorization: 'Bearer none' }, path)
      const token = answer.headers.get('Session-Token')
      expect(['0', '1']).toContain(await answer.text())
      expect(cookie).not.toContain(String(token))
    }
    expect(await (await visit({ Cookie: cookie }, '/read')).text()).toBe('1')
  })
})

describe('a transport that cannot work does not start', () => {
  const store = memoryStore()
  const start = (transport: unknown, more: object = {}) =>
    createSessions({ store, transport: transport as never, ...more })

  it.each([
    ['an empty list', () => start([])],
    ['something else', () => start('header')],
    ['a list of something else', () => start([{}])],
    ['the same header twice', () => start([header('X-Session'), header('x-session')])],
    ['a cookie option that nothing uses', () => start(bearer(), { cookie: { sameSite: 'strict' } })],
    ['a name that no header may have', () => header('X Session')],
    ['no name', () => header('')],
    ['a name that means something else', () => header('Cookie')],
    ['a name that any page may send', () => header('Accept-Language')],
    ['an answer in Set-Cookie', () => bearer({ responseHeader: 'Set-Cookie' })],
  ])('%s', (_name, run) => {
    expect(run).toThrow('OPTION_INVALID')
  })

  it('but the cookie alone, spelled out, may have its options', () => {
    expect(() => start('cookie', { cookie: { sameSite: 'strict' } })).not.toThrow()
    expect(() => start(['cookie', bearer()], { cookie: { sameSite: 'strict' } })).not.toThrow()
  })
})
