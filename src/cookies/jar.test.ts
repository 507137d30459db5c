import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import express, { type ErrorRequestHandler } from 'express'
import { describe, expect, it } from 'vitest'
import { listen } from '../../test/support/listen.ts'
import { mountFetch } from '../../test/support/mount-fetch.ts'
import { expressSessions } from '../adapters/express.ts'
import { withSessions } from '../adapters/fetch.ts'
import { FetchExchange } from '../adapters/fetch-exchange.ts'
import { nodeSessions } from '../adapters/node.ts'
import { createSessions } from '../create-sessions.ts'
import { memoryStore } from '../stores/memory.ts'
import { page } from '../testing/adapter-contract/app.ts'
import { openSite } from '../testing/adapter-contract/site.ts'
import { StoryStore } from '../testing/adapter-contract/story-store.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { cookies, type Jar, type KeyedJar, keyRing, type SetCookieOptions } from './index.ts'

const secret = (): string => randomBytes(32).toString('base64')
const keys = keyRing(secret())
const safe = 'Path=/; HttpOnly; Secure; SameSite=Lax'

interface Answered<T> {
  readonly result: T
  readonly lines: string[]
  readonly headers: Headers
}

const sessions = createSessions({ store: memoryStore() })

/** What one request with this `Cookie` header does with its jar, and what its answer says. */
async function request<T>(header: string, use: (jar: Jar, request: Request) => T): Promise<Answered<T>> {
  const results: T[] = []
  const handler = withSessions(sessions, incoming => {
    results.push(use(cookies(incoming), incoming))
    return new Response('')
  })
  const headers: Record<string, string> = header ? { cookie: header } : {}
  const response = await handler(new Request('https://site.example/', { headers }))
  if (response.status !== 200) throw new Error(`answered ${response.status}`)
  return { result: results[0] as T, lines: response.headers.getSetCookie(), headers: response.headers }
}

describe('the jar of a request', () => {
  it('gives what the browser sent, as it was sent', async () => {
    const { result, lines } = await request('theme=%7Edark; q="x y"; dup=1; dup=2; empty=', jar => [
      ...[jar.get('theme'), jar.get('q'), jar.get('dup'), jar.get('empty'), jar.get('absent')],
      ...[jar.getAll('dup'), jar.getAll('absent'), jar.has('empty'), jar.has('absent')],
    ])
    expect(result).toEqual(['%7Edark', '"x y"', '1', '', undefined, ['1', '2'], [], true, false])
    expect(lines).toEqual([])
  })

  it('gives all of them as a map that is the program’s own', async () => {
    const { result } = await request('a=1; __proto__=2', jar => {
      jar.all().set('a', 'changed')
      return [...jar.all()]
    })
    expect(result).toEqual([
      ['a', '1'],
      ['__proto__', '2'],
    ])
  })

  it('gives what was set or deleted since', async () => {
    const { result } = await request('a=1; b=2; b=3', jar => {
      jar.set('a', 'new')
      jar.delete('b')
      jar.set('c', '4')
      return [jar.get('a'), jar.getAll('a'), jar.get('b'), jar.getAll('b'), jar.has('b'), [...jar.all().keys()]]
    })
    expect(result).toEqual(['new', ['new'], undefined, [], false, ['a', 'c']])
  })

  it('sets with safe attributes, and with others where they are chosen', async () => {
    const { lines } = await request('', jar => {
      jar.set('a', '1')
      jar.set('__Host-b', '2', { maxAge: 60, sameSite: 'strict', priority: 'high' })
      jar.set('__Secure-c', '3', { domain: 'site.example', path: '/shop', httpOnly: false, partitioned: true })
      jar.set('d', '4', { secure: false, expires: new Date(Date.UTC(2030, 0, 2)) })
    })
    expect(lines).toEqual([
      `a=1; ${safe}`,
      '__Host-b=2; Max-Age=60; Path=/; HttpOnly; Secure; Priority=High; SameSite=Strict',
      '__Secure-c=3; Domain=site.example; Path=/shop; Secure; Partitioned; SameSite=Lax',
      'd=4; Path=/; Expires=Wed, 02 Jan 2030 00:00:00 GMT; HttpOnly; SameSite=Lax',
    ])
  })

  it('takes an attribute that is undefined for one that was not chosen', async () => {
    const nothing = { secure: undefined, httpOnly: undefined, path: undefined, sameSite: undefined, domain: undefined }
    const { lines } = await request('', jar => jar.set('a', '1', nothing))
    expect(lines).toEqual([`a=1; ${safe}`])
  })

  it('sends one line for each name: what came last', async () => {
    const { lines } = await request('', jar => {
      jar.set('a', '1', { path: '/one' })
      jar.set('a', '2', { path: '/two' })
      jar.set('b', '1')
      jar.delete('b')
      jar.delete('c')
      jar.set('c', '1')
    })
    expect(lines).toEqual(['a=2; Path=/two; HttpOnly; Secure; SameSite=Lax', `b=; Max-Age=0; ${safe}`, `c=1; ${safe}`])
  })

  const wheres: [string, SetCookieOptions][] = [
    ['a', {}],
    ['a', { domain: 'site.example', path: '/shop' }],
    ['a', { secure: false }],
    ['a', { partitioned: true, sameSite: 'none' }],
    ['__Secure-a', { domain: 'site.example' }],
    ['__Host-a', {}],
    ['__Http-a', { path: '/shop' }],
    ['__Host-Http-a', {}],
  ]
  it.each(wheres)('deletes %s with exactly the attributes that it was set with: %o', async (name, options) => {
    const set = await request('', jar => jar.set(name, '1', { ...options, maxAge: 60 }))
    const deleted = await request('', jar => jar.delete(name, options))
    const known = await request('', jar => {
      jar.set(name, '1', { ...options, maxAge: 60, expires: new Date() })
      jar.delete(name)
    })
    const line = set.lines[0]?.replace(`${name}=1; Max-Age=60`, `${name}=; Max-Age=0`)
    expect([deleted.lines, known.lines]).toEqual([[line], [line]])
  })

  it('makes the answer vary by any way to read it (CVE-2026-27205, CVE-2023-30861)', async () => {
    const ways: ((jar: Jar, incoming: Request) => unknown)[] = [
      jar => jar.get('a'),
      jar => jar.getAll('a'),
      jar => jar.has('a'),
      jar => jar.all(),
    ]
    const keyedWays: ((jar: KeyedJar) => unknown)[] = [jar => jar.getSigned('a'), jar => jar.getSealed('a')]
    ways.push(...keyedWays.map(way => (_: Jar, incoming: Request) => way(cookies(incoming, keys))))
    for (const way of ways) {
      const { headers } = await request('', way)
      expect([headers.get('Vary'), headers.get('Cache-Control')]).toEqual(['Cookie', null])
    }
  })

  it('reads the header when it is first asked for a cookie, and not before', () => {
    const incoming = new Request('https://site.example/', { headers: { cookie: 'a=1' } })
    let reads = 0
    class Counting extends FetchExchange {
      override get cookieHeader(): string | undefined {
        reads++
        return super.cookieHeader
      }
    }
    sessions.attach(incoming, new Counting(incoming))
    const jar = cookies(incoming)
    jar.set('b', '2')
    jar.delete('c')
    cookies(incoming, keys).setSigned('d', '3')
    expect([jar.get('b'), jar.get('c'), reads]).toEqual(['2', undefined, 0])
    expect([jar.get('a'), reads]).toEqual(['1', 1])
  })

  it('keeps what it sets out of caches (CVE-2014-0473, CVE-2024-26144, CVE-2026-35192)', async () => {
    const { headers } = await request('', jar => jar.delete('a'))
    expect([headers.get('Vary'), headers.get('Cache-Control')]).toEqual([null, 'private, no-store'])
  })

  it('refuses what the grammar forbids, and says how to encode it', async () => {
    const { lines } = await request('', jar => {
      expect(() => jar.set('a', 'x y')).toThrow(/COOKIE_INVALID.*U\+0020 at 1.*encodeURIComponent/)
      expect(() => jar.set('a b', '1')).toThrow('COOKIE_INVALID')
      expect(() => jar.set('__Host-a', '1', { domain: 'site.example' })).toThrow('COOKIE_INVALID')
      expect(() => jar.set('a', '1', { sameSite: 'none', secure: false })).toThrow('COOKIE_INVALID')
      expect(() => jar.delete('a', { path: 'shop' })).toThrow('COOKIE_INVALID')
      expect(jar.has('a')).toBe(false)
    })
    expect(lines).toEqual([])
  })

  it('refuses options that are none', async () => {
    await request('', (jar, incoming) => {
      const keyed = cookies(incoming, keys)
      for (const options of [null, 'strict', 60] as never[]) {
        for (const use of [
          () => jar.set('a', '1', options),
          () => keyed.setSigned('a', '1', options),
          () => keyed.setSealed('a', '1', options),
          () => keyed.getSigned('a', options),
          () => keyed.getSealed('a', options),
        ])
          expect(use).toThrow(/COOKIE_INVALID.*options of a/)
      }
      for (const options of [{ expires: '2030' }, { expires: new Date(Number.NaN) }, { maxAge: '60' }] as never[]) {
        expect(() => keyed.setSigned('a', '1', options)).toThrow(/COOKIE_INVALID.*of the cookie a/)
      }
    })
  })

  it('holds no cookie that was set to end at once', async () => {
    const { result, lines } = await request('a=1; b=2; c=3', jar => {
      jar.set('a', 'x', { maxAge: 0 })
      jar.set('b', 'x', { expires: new Date(0) })
      jar.set('c', 'x', { expires: new Date(0), maxAge: 60 })
      return [jar.get('a'), jar.getAll('b'), jar.has('b'), ...jar.all()]
    })
    expect(result).toEqual([undefined, [], false, ['c', 'x']])
    expect(lines[0]).toBe(`a=x; Max-Age=0; ${safe}`)
  })

  it('refuses more than servers take back: 50 cookies, 8 KiB', async () => {
    await request('', jar => {
      for (let i = 0; i < 50; i++) jar.set(`c${i}`, '1')
      jar.set('c0', '2')
      expect(() => jar.set('c50', '1')).toThrow(/COOKIE_INVALID.*51 cookies/)
    })
    await request('', jar => {
      jar.set('a', 'x'.repeat(4095))
      jar.set('b', 'x'.repeat(4095))
      jar.set('b', 'y'.repeat(4095))
      expect(() => jar.set('c', '1')).toThrow(/COOKIE_INVALID.*8194 bytes/)
    })
  })

  it('is the same at every call, and unknown where no adapter saw the request', async () => {
    const { result } = await request('', (jar, incoming) => jar === cookies(incoming))
    expect(result).toBe(true)
    expect(() => cookies(new Request('https://site.example/'))).toThrow('REQUEST_UNKNOWN')
  })

  it('is that of the first of two adapters, whose answer leaves last', async () => {
    const others = createSessions({ store: memoryStore(), cookie: { name: '__Host-other' } })
    const inner = withSessions(others, incoming => {
      cookies(incoming).set('inner', '1')
      return new Response('')
    })
    const outer = withSessions(sessions, async incoming => {
      const response = await inner(incoming)
      cookies(incoming).set('outer', '2')
      return response
    })
    const response = await outer(new Request('https://site.example/'))
    expect(response.headers.getSetCookie()).toEqual([`inner=1; ${safe}`, `outer=2; ${safe}`])
  })

  it('begins anew when a request that was answered is handled again', async () => {
    const handler = withSessions(sessions, incoming => {
      const jar = cookies(incoming)
      const before = jar.get('a') ?? 'nothing'
      jar.set('a', '1')
      return new Response(before)
    })
    const again = new Request('https://site.example/')
    for (let i = 0; i < 2; i++) expect(await (await handler(again)).text()).toBe('nothing')
  })

  it('shows nothing of what it holds', async () => {
    const { result } = await request('token=secret', jar => {
      jar.set('other', 'secret')
      return [inspect(jar, { depth: 9, showHidden: true }), JSON.stringify(jar)]
    })
    expect(result.join()).not.toContain('secret')
  })

  it('is refused after the headers left, by name and not by value', async () => {
    let late: Jar | undefined
    await request('', jar => {
      late = jar
    })
    expect(() => late?.set('token', 'secret')).toThrow(/^HEADERS_SENT(?!.*secret).*the cookie token/)
    expect(() => late?.delete('token')).toThrow('HEADERS_SENT')
  })

  it('is dropped with an answer, and fills anew for the error answer', async () => {
    const jars: Jar[] = []
    const site = await openSite(
      mountFetch,
      {
        '/': async visit => {
          jars.push(visit.cookies())
          visit.cookies().set('theme', 'dark')
          ;(await visit.session()).set('name', 'ada')
          return page('')
        },
      },
      {},
    )
    site.store.breakDown('create')
    const response = await site.visitor().fetch('/')
    expect([response.status, response.headers.getSetCookie()]).toEqual([503, []])
    expect(jars).toHaveLength(1)
  })
})

describe('the answer to a request of which only the jar was used', () => {
  it('leaves in the turn in which it is given', async () => {
    const sessions = createSessions({ store: memoryStore() })
    const seen: unknown[] = []
    const server = await listen(
      nodeSessions(sessions, (req, res) => {
        const theme = cookies(req).get('theme')
        cookies(req).set('theme', 'dark')
        res.end(theme)
        seen.push(res.writableEnded)
      }),
    )
    const response = await server.fetch('/', { headers: { cookie: 'theme=light' } })
    expect([await response.text(), response.headers.getSetCookie()]).toEqual(['light', [`theme=dark; ${safe}`]])
    expect(seen).toEqual([true])
    await server.close()
  })
})

describe('the jar of a request whose session is being saved', () => {
  it('takes no cookie any more, and knows those that are on their way', async () => {
    const seen: unknown[] = []
    const inner = memoryStore()
    let current: object = {}
    const create: typeof inner.create = (id, record) => {
      expect(() => cookies(current).set('late', '1')).toThrow('HEADERS_SENT')
      seen.push(cookies(current).get('theme'))
      return inner.create(id, record)
    }
    const saved = createSessions<{ name: string }>({ store: { ...inner, create } })
    const handler = nodeSessions(saved, async (req, res) => {
      current = req
      cookies(req).set('theme', 'dark')
      ;(await saved.of(req)).set('name', 'ada')
      res.end('page')
    })
    const server = await listen(handler)
    const response = await server.fetch('/')
    await server.close()
    expect([response.status, response.headers.getSetCookie().length, seen]).toEqual([200, 2, ['dark']])
  })
})

describe('the jar of a request whose answer was dropped', () => {
  it('gives the error handler what the browser has, and not what it will never get', async () => {
    const seen: unknown[] = []
    const app = express()
    const store = new StoryStore()
    store.breakDown('create')
    const saved = createSessions<{ name: string }>({ store })
    app.use(expressSessions(saved))
    app.get('/', async (req, res) => {
      cookies(req).set('theme', 'dark')
      ;(await saved.of(req)).set('name', 'ada')
      res.on('close', () => seen.push(cookies(req).get('error')))
      res.send('page')
      seen.push(cookies(req).get('theme'))
    })
    const onError: ErrorRequestHandler = (_error, req, res, _next) => {
      seen.push(cookies(req).get('theme'))
      cookies(req).set('error', '1')
      seen.push(cookies(req).get('error'))
      res.status(503).send('sorry')
    }
    app.use(onError)
    const server = await listen(app)
    const response = await server.fetch('/', { headers: { cookie: 'theme=light' } })
    await server.close()
    expect([response.status, response.headers.getSetCookie()]).toEqual([503, [`error=1; ${safe}`]])
    expect(seen).toEqual(['dark', 'light', '1', '1'])
  })
})

/** What the browser sends back of a line. */
const sent = (lines: string[]): string => lines.map(line => line.slice(0, line.indexOf(';'))).join('; ')

describe('signed and sealed cookies', () => {
  const clock = fakeClock()
  const keyed = <T>(header: string, use: (jar: KeyedJar) => T, ring = keys) =>
    request(header, (_, incoming) => use(cookies(incoming, ring, { clock })))

  const kinds = [
    [
      'signed',
      (jar: KeyedJar, ...args: Parameters<KeyedJar['setSigned']>) => jar.setSigned(...args),
      (jar: KeyedJar, ...args: Parameters<KeyedJar['getSigned']>) => jar.getSigned(...args),
    ],
    [
      'sealed',
      (jar: KeyedJar, ...args: Parameters<KeyedJar['setSealed']>) => jar.setSealed(...args),
      (jar: KeyedJar, ...args: Parameters<KeyedJar['getSealed']>) => jar.getSealed(...args),
    ],
  ] as const

  it.each(kinds)('%s: any text comes back, with the attributes of any cookie', async (_, set, get) => {
    for (const text of ['', 'hello', 'a;b, "c" \\ d=é\u{1f36a}\n\u0000', '1.2.3', '..']) {
      const { lines, result } = await keyed('', jar => {
        set(jar, 'a', text, { path: '/shop', maxAge: 60 })
        return get(jar, 'a')
      })
      expect(result).toBe(text)
      expect(lines).toEqual([
        expect.stringMatching(/^a=[\w.-]+; Max-Age=60; Path=\/shop; HttpOnly; Secure; SameSite=Lax$/),
      ])
      expect((await keyed(sent(lines), jar => get(jar, 'a'))).result).toBe(text)
    }
  })

  it.each(kinds)('%s: every kind of bad value gives the same answer, undefined', async (_, set, get) => {
    const { lines } = await keyed('', jar => {
      set(jar, 'a', 'hello')
      set(jar, 'b', 'hello')
      set(jar, 'c', 'hello', { purpose: 'coupon' })
    })
    const [a = '', b = '', c = ''] = lines.map(line => line.slice(2, line.indexOf(';')))
    const other = keyRing(secret())
    const read = async (header: string, ...args: [purpose?: string]) =>
      (await keyed(header, jar => get(jar, 'a', { purpose: args[0] ?? 'cookie' }))).result
    expect(await read(`a=${a}`)).toBe('hello')
    const bad = [
      a.slice(0, -1),
      a.slice(1),
      `${a}A`,
      `${a}=`,
      `"${a}"`,
      '',
      'hello',
      b,
      c,
      a.toUpperCase(),
      a.replace('.', ''),
    ]
    for (const value of bad) expect([value, await read(`a=${value}`)]).toEqual([value, undefined])
    expect(await read(`a=${a}`, 'coupon')).toBeUndefined()
    expect((await keyed(`a=${a}`, jar => get(jar, 'a'), other)).result).toBeUndefined()
    for (let i = 0; i < a.length; i++) {
      const flipped = a.slice(0, i) + String.fromCharCode(a.charCodeAt(i) ^ 1) + a.slice(i + 1)
      expect([i, await read(`a=${flipped}`)]).toEqual([i, undefined])
    }
  })

  it.each(kinds)('%s: is no other kind, and no plain one', async (kind, set) => {
    const { lines } = await keyed('', jar => set(jar, 'a', 'hello'))
    const { result } = await keyed(sent(lines), jar => [jar.getSigned('a'), jar.getSealed('a')])
    expect(result).toEqual(kind === 'signed' ? ['hello', undefined] : [undefined, 'hello'])
  })

  it.each(kinds)('%s: too old for the reader is absent, whatever the browser kept', async (_, set, get) => {
    const { lines } = await keyed('', jar => set(jar, 'a', 'hello'))
    const read = async (maxAge?: number) =>
      (await keyed(sent(lines), jar => get(jar, 'a', maxAge === undefined ? {} : { maxAge }))).result
    const moment = clock()
    clock.advance('11s')
    expect([await read(12), await read(11), await read(10), await read()]).toEqual([
      'hello',
      'hello',
      undefined,
      'hello',
    ])
    clock.set(new Date(moment - 59_000))
    expect(await read()).toBe('hello')
    clock.set(new Date(moment - 61_000))
    expect(await read(), 'set in the future').toBeUndefined()
    clock.set(new Date(moment))
  })

  it.each(kinds)('%s: ends on the server when it ends in the browser', async (_, set, get) => {
    const { lines } = await keyed('', jar => {
      set(jar, 'a', 'hello', { maxAge: 60 })
      set(jar, 'b', 'hello', { expires: new Date(clock() + 90_000) })
    })
    const read = async () => (await keyed(sent(lines), jar => [get(jar, 'a'), get(jar, 'b')])).result
    clock.advance('60s')
    expect(await read()).toEqual(['hello', 'hello'])
    clock.advance('1s')
    expect(await read()).toEqual([undefined, 'hello'])
    clock.advance('30s')
    expect(await read()).toEqual([undefined, undefined])
  })

  it.each(kinds)('%s: ends after 400 days, as in the browser, when it was to last longer', async (_, set, get) => {
    const days = 86_400
    const { lines } = await keyed('', jar => {
      set(jar, 'a', 'hello', { maxAge: 3650 * days })
      set(jar, 'b', 'hello', { expires: new Date(clock() + 3650 * days * 1000) })
    })
    const read = async () => (await keyed(sent(lines), jar => [get(jar, 'a'), get(jar, 'b')])).result
    const moment = clock()
    clock.advance('400d')
    expect(await read()).toEqual(['hello', 'hello'])
    clock.advance('1s')
    expect(await read()).toEqual([undefined, undefined])
    clock.set(new Date(moment))
  })

  it.each(kinds)('%s: an old secret still reads, and the new one sets', async (_, set, get) => {
    const [older, newer] = [secret(), secret()]
    const before = await keyed('', jar => set(jar, 'a', 'hello'), keyRing(older))
    const rotated = await keyed(
      sent(before.lines),
      jar => {
        set(jar, 'b', 'new')
        return get(jar, 'a')
      },
      keyRing([newer, older]),
    )
    expect(rotated.result).toBe('hello')
    expect((await keyed(sent(rotated.lines), jar => get(jar, 'b'), keyRing(newer))).result).toBe('new')
    expect((await keyed(sent(rotated.lines), jar => get(jar, 'b'), keyRing(older))).result).toBeUndefined()
  })

  it.each(kinds)('%s: of several values the one of ours counts, and none if two are', async (_, set, get) => {
    const one = sent((await keyed('', jar => set(jar, 'a', 'one'))).lines)
    const two = sent((await keyed('', jar => set(jar, 'a', 'two'))).lines)
    const read = async (header: string) => (await keyed(header, jar => get(jar, 'a'))).result
    expect([await read(`a=x; ${one}`), await read(`${one}; a=x`), await read(`${one}; ${one}`)]).toEqual(
      Array(3).fill('one'),
    )
    expect([await read(`${one}; ${two}`), await read(`${two}; ${one}`)]).toEqual([undefined, undefined])
    expect(await read(`${one}${'; a=x'.repeat(3)}; a=1; a=2; a=3; a=4; a=5; a=6; a=7`)).toBeUndefined()
    const host = sent((await keyed('', jar => set(jar, '__Host-a', 'one'))).lines)
    const ofHost = async (header: string) => (await keyed(header, jar => get(jar, '__Host-a'))).result
    expect([await ofHost(host), await ofHost(`${host}; __Host-a=x`)]).toEqual(['one', undefined])
  })

  it('share their jar with the one without keys', async () => {
    const { result, lines } = await request('', (jar, incoming) => {
      cookies(incoming, keys).setSigned('a', 'hello')
      cookies(incoming, keys).set('b', '1')
      return [jar.has('a'), jar.get('b'), cookies(incoming, keys).getSigned('a')]
    })
    expect(result).toEqual([true, '1', 'hello'])
    expect(lines).toHaveLength(2)
  })

  it('refuse a maxAge that would let everything pass, and what is not a text', async () => {
    await keyed('', jar => {
      expect(() => jar.getSigned('a', { maxAge: Number.NaN })).toThrow('OPTION_INVALID')
      expect(() => jar.getSealed('a', { maxAge: -1 })).toThrow('OPTION_INVALID')
      expect(() => jar.setSigned('a', 7 as unknown as string)).toThrow('COOKIE_INVALID')
      expect(() => jar.setSigned('a', 'x'.repeat(4000))).toThrow(/COOKIE_INVALID.*bytes long/)
    })
  })
})
