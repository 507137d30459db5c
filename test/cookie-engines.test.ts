import * as devalue from 'devalue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withSessions } from '../src/adapters/fetch.ts'
import { nodeSessions } from '../src/adapters/node.ts'
import type { CookieEngineOptions, RevocationOptions, SweptRevocationOptions } from '../src/engines/cookie-engine.ts'
import { encryptedCookie } from '../src/engines/encrypted-cookie.ts'
import type { Engine, EngineSettings, Revocation } from '../src/engines/engine.ts'
import type { SweptRevocation } from '../src/engines/revocations.ts'
import { signedCookie } from '../src/engines/signed-cookie.ts'
import { createSessions, isKeepsakeError, type RevocableSessions, type SessionEvent } from '../src/index.ts'
import type { Session } from '../src/session/session.ts'
import type { Sessions } from '../src/session/sessions.ts'
import { memoryStore } from '../src/stores/memory.ts'
import type { SessionRecord } from '../src/stores/store.ts'
import { CookieJar } from '../src/testing/cookie-jar.ts'
import { NodeSites, request } from './support/node-site.ts'
import { type Data, gate, type Page } from './support/site.ts'
import { watched } from './support/watched-store.ts'

type EngineFor = {
  (options: CookieEngineOptions & SweptRevocationOptions): (settings: EngineSettings) => Engine & SweptRevocation
  (options: CookieEngineOptions & RevocationOptions): (settings: EngineSettings) => Engine & Revocation
  (options: CookieEngineOptions): (settings: EngineSettings) => Engine
}

const secret = 'Nf0tN7mZ1xqzWqCkzjYxQ2c0u1n3vLhM8JrGdPpTwSE'
const olderSecret = 'qV9b3hK2sYw8Zr5tXn1mPc7dLf4gJu6aEo0iRyTzBvM'
const cookieName = '__Host-session'
const hour = 3_600_000

const pages: Record<string, Page> = {
  '/untouched': () => 'hello',
  '/read': async session => (await session()).get('count') ?? null,
  '/count': async session => (await session()).update('count', (n = 0) => n + 1),
  '/login': async session => (await session()).rotate({ userId: 'ada' }),
  '/who': async session => (await session()).userId,
  '/logout': async session => (await session()).destroy(),
}

let now: number
let events: SessionEvent[]

beforeEach(() => {
  now = Date.UTC(2026, 0, 1)
  events = []
})

const sites = new NodeSites()
afterEach(() => sites.close())

const clock = (): number => now
const onEvent = (event: SessionEvent): void => void events.push(event)

describe('sessions in a signed cookie', () => livesInTheCookie(signedCookie))
describe('sessions in an encrypted cookie', () => livesInTheCookie(encryptedCookie))

/** A browser on a site with these sessions. */
function browserOf(sessions: Sessions<Data>, more: Record<string, Page> = {}): CookieJar {
  const all: Record<string, Page> = { ...pages, ...more }
  const visit = withSessions(sessions, async request => {
    const page = all[new URL(request.url).pathname]
    const shown = await page?.(() => sessions.of(request), request)
    return shown instanceof Response ? shown : Response.json(shown ?? null)
  })
  return new CookieJar({ clock, fetch: (url, init) => visit(new Request(url, init)) })
}

async function see(browser: CookieJar, path: string): Promise<unknown> {
  const response = await browser.fetch(`https://site.example${path}`)
  return response.ok ? response.json() : `status ${response.status}`
}

function livesInTheCookie(engineFor: EngineFor): void {
  const sessionsWith = (options: Partial<CookieEngineOptions> = {}): Sessions<Data> =>
    createSessions<Data>({ engine: engineFor({ secrets: secret, ...options }), clock, onEvent })

  /** A browser that sends exactly this, whatever it is answered. */
  const sends = (header: string, sessions: Sessions<Data> = sessionsWith()): CookieJar => {
    const visit = withSessions(sessions, async request => {
      const session = await sessions.of(request)
      return Response.json(session.get('count') ?? null)
    })
    return new CookieJar({ clock, fetch: url => visit(new Request(url, { headers: { cookie: header } })) })
  }

  describe('a visitor', () => {
    it('is counted from visit to visit, and gets no cookie for looking', async () => {
      const browser = browserOf(sessionsWith())
      expect(await see(browser, '/read')).toBeNull()
      expect(browser.get(cookieName)).toBeUndefined()
      expect([await see(browser, '/count'), await see(browser, '/count')]).toEqual([1, 2])
      const held = browser.get(cookieName)
      expect([await see(browser, '/read'), await see(browser, '/untouched')]).toEqual([2, 'hello'])
      expect(browser.get(cookieName)).toBe(held)
    })

    it('is forgotten by the browser at logout', async () => {
      const browser = browserOf(sessionsWith())
      await see(browser, '/count')
      await see(browser, '/logout')
      expect(browser.get(cookieName)).toBeUndefined()
      expect(await see(browser, '/read')).toBeNull()
    })

    it('gets another cookie and id at login, and keeps the data', async () => {
      const browser = browserOf(sessionsWith(), { '/id': async session => (await session()).id })
      await see(browser, '/count')
      const before = await see(browser, '/id')
      await see(browser, '/login')
      expect(await see(browser, '/id')).not.toBe(before)
      expect([await see(browser, '/read'), await see(browser, '/who')]).toEqual([1, 'ada'])
    })

    it('is nobody when the time inside of the cookie is over, though the browser kept it (ASVS 9.2.1)', async () => {
      const browser = browserOf(sessionsWith())
      await see(browser, '/count')
      const kept = `${cookieName}=${browser.get(cookieName)}`
      now += 14 * 24 * hour - 1
      expect(await see(sends(kept), '/')).toBe(1)
      now += 1
      expect(await see(sends(kept), '/')).toBeNull()
      expect(events).toEqual([{ type: 'session-expired', id: expect.any(String) }])
    })

    it('is renewed by use, and not beyond the absolute timeout', async () => {
      const browser = browserOf(sessionsWith())
      await see(browser, '/count')
      for (let day = 0; day < 29; day++) {
        now += 24 * hour
        expect(await see(browser, '/read')).toBe(1)
      }
      now += 24 * hour
      expect(await see(browser, '/read')).toBeNull()
    })

    it('whose two requests overlap keeps what the later answer says', async () => {
      const slow = gate()
      const browser = browserOf(sessionsWith(), {
        '/slow': async session => {
          const mine = await session()
          await slow.wait()
          mine.set('name', 'Ada')
        },
        '/all': async session => (await session()).toObject(),
      })
      await see(browser, '/count')
      const late = see(browser, '/slow')
      await slow.reached
      await see(browser, '/count')
      slow.open()
      await late
      expect(await see(browser, '/all')).toEqual({ count: 1, name: 'Ada' })
    })

    it('is counted by a clock with fractions too', async () => {
      now += 0.25
      const browser = browserOf(sessionsWith())
      expect([await see(browser, '/count'), await see(browser, '/count')]).toEqual([1, 2])
    })

    it('is told what cannot be sent any more: a change while the first is being saved is HEADERS_SENT', async () => {
      const checking = gate()
      const schema = {
        '~standard': {
          ...({ version: 1, vendor: 'test' } as const),
          validate: async (value: unknown) => {
            await checking.wait()
            return { value: value as Data }
          },
        },
      }
      const sessions = createSessions<Data>({ engine: engineFor({ secrets: secret }), schema, clock, onEvent })
      const late = Promise.withResolvers<unknown>()
      const handler = nodeSessions(sessions, async (req, res) => {
        const session = await sessions.of(req)
        session.set('name', 'Ada')
        res.end('page')
        await checking.reached
        try {
          session.set('theme', 'dark')
          late.resolve('nothing')
        } catch (error) {
          late.resolve(error)
        }
        checking.open()
      })
      const server = await sites.serve((res, req) => handler(req, res))
      const { status, body } = await request(server).response()
      expect(isKeepsakeError(await late.promise, 'HEADERS_SENT')).toBe(true)
      expect([status, body.toString()]).toEqual(['HTTP/1.1 200 OK', 'page'])
    })

    it('is told what cannot be sent any more: a change after the headers is HEADERS_SENT', async () => {
      const later = gate()
      const failed = Promise.withResolvers<unknown>()
      const browser = browserOf(sessionsWith(), {
        '/stream': async session => {
          const mine = await session()
          void later.wait().then(() => {
            try {
              mine.set('name', 'Ada')
              failed.resolve('nothing')
            } catch (error) {
              failed.resolve(error)
            }
          })
        },
      })
      await see(browser, '/count')
      await see(browser, '/stream')
      later.open()
      expect(isKeepsakeError(await failed.promise, 'HEADERS_SENT')).toBe(true)
    })
  })

  describe('options that cannot hold what they promise do not start', () => {
    it('a maxBytes that cookies cannot carry, or nothing fits in', () => {
      for (const maxBytes of [0, -1, 499, 3000.5, 15_198, Number.NaN, Number.POSITIVE_INFINITY, '7600' as never]) {
        expect(() => sessionsWith({ maxBytes }), String(maxBytes)).toThrow(/OPTION_INVALID.*maxBytes/)
      }
      for (const maxBytes of [500, 15_197]) expect(() => sessionsWith({ maxBytes })).not.toThrow()
    })

    it('an option that is misspelt, or a store that is none', () => {
      const withOption = (option: object) => () => sessionsWith(option)
      expect(withOption({ revocation: memoryStore() })).toThrow(
        /OPTION_INVALID.*revocation is not an option.*revocations/,
      )
      for (const revocations of [{}, null, false, Promise.resolve(memoryStore())]) {
        expect(withOption({ revocations })).toThrow(/OPTION_INVALID.*revocations has no function read/)
      }
      expect(withOption({ revocations: undefined })).not.toThrow()
    })
  })

  describe('a value that somebody made', () => {
    it('CVE-2023-48309, Laravel 2020: from another cookie, another engine or another program is no session', async () => {
      const makers = [
        createSessions<Data>({ engine: engineFor({ secrets: secret }), cookie: { name: '__Host-other' } }),
        createSessions<Data>({ engine: engineFor({ secrets: olderSecret }) }),
        createSessions<Data>({
          engine: (engineFor === signedCookie ? encryptedCookie : signedCookie)({ secrets: secret }),
        }),
      ]
      for (const [i, sessions] of makers.entries()) {
        const browser = browserOf(sessions)
        await see(browser, '/count')
        const value = browser.get(i === 0 ? '__Host-other' : cookieName)
        expect(value).toBeDefined()
        expect(await see(sends(`${cookieName}=${value}`), '/')).toBeNull()
      }
      expect(events).toEqual(makers.map(() => ({ type: 'cookie-malformed' })))
    })
  })

  describe('a session that is too long for one cookie', () => {
    const long =
      (length: number): Page =>
      async session =>
        (await session()).set('theme', 'x'.repeat(length))
    const textPages: Record<string, Page> = {
      '/long': long(4000),
      '/longer': long(5500),
      '/short': long(10),
      '/text': async session => (await session()).get('theme')?.length ?? null,
    }

    it('travels in several, and in one again when it has become short', async () => {
      const browser = browserOf(sessionsWith(), textPages)
      await see(browser, '/long')
      expect(browser.get(cookieName)).toMatch(/^~2\./)
      expect(browser.get(`${cookieName}.1`)).toBeDefined()
      expect(await see(browser, '/text')).toBe(4000)
      await see(browser, '/short')
      expect(browser.get(`${cookieName}.1`)).toBeUndefined()
      expect(await see(browser, '/text')).toBe(10)
    })

    it('leaves no cookie at logout', async () => {
      const browser = browserOf(sessionsWith(), textPages)
      await see(browser, '/long')
      await see(browser, '/logout')
      expect(browser.header('https://site.example/')).toBe('')
    })

    it('F44: is empty if a part is missing, there twice, out of order or left over from before', async () => {
      const browser = browserOf(sessionsWith(), textPages)
      await see(browser, '/long')
      const [before0, before1] = [browser.get(cookieName), browser.get(`${cookieName}.1`)]
      await see(browser, '/longer')
      const [first, second] = [browser.get(cookieName), browser.get(`${cookieName}.1`)]
      const headers = [
        `${cookieName}=${first}`,
        `${cookieName}.1=${second}`,
        `${cookieName}=${first}; ${cookieName}.1=${second}; ${cookieName}.1=${second}`,
        `${cookieName}=${second}; ${cookieName}.1=${first}`,
        `${cookieName}=${first}; ${cookieName}.1=${before1}`,
        `${cookieName}=${before0}; ${cookieName}.1=${second}`,
        `${cookieName}=${first?.replace('~2', '~3')}; ${cookieName}.1=${second}`,
        `${cookieName}=~9.${first}; ${cookieName}.1=${second}`,
      ]
      for (const header of headers) expect(await see(sends(header), '/')).toBeNull()
    })

    it('travels in four cookies where the program allows it, each of which goes again', async () => {
      const room = engineFor === signedCookie ? 11_200 : 11_190
      const browser = browserOf(sessionsWith({ maxBytes: 15_197 }), { ...textPages, '/huge': long(room) })
      await see(browser, '/huge')
      expect(browser.get(`${cookieName}.3`)).toBeDefined()
      expect(await see(browser, '/text')).toBe(room)
      await see(browser, '/logout')
      expect(browser.header('https://site.example/')).toBe('')
    })

    it('stays as it is for its readers, and may shrink, when maxBytes has become smaller', async () => {
      const before = browserOf(sessionsWith(), textPages)
      await see(before, '/long')
      let held = ['', '.1'].map(end => `${cookieName}${end}=${before.get(cookieName + end)}`).join('; ')
      const visit = async (page: (session: Session<Data>) => unknown): Promise<Response> => {
        const after = sessionsWith({ maxBytes: 3700 })
        const site = withSessions(after, async incoming =>
          Response.json((await page(await after.of(incoming))) ?? null),
        )
        return site(new Request('https://site.example/', { headers: { cookie: held } }))
      }
      now += 5 * 24 * hour
      const renewed = await visit(session => session.get('theme')?.length)
      expect([renewed.status, await renewed.json()]).toEqual([200, 4000])
      held = renewed.headers
        .getSetCookie()
        .map(line => line.split(';')[0])
        .join('; ')
      expect((await visit(session => session.set('theme', 'x'.repeat(3999)))).status).toBe(200)
      expect((await visit(session => session.set('theme', 'x'.repeat(4001)))).status).toBe(500)
    })

    it('is told by its parts where another codec writes the data, or the facts weigh most', async () => {
      const thrown: unknown[] = []
      const fill: Page = async session => {
        const mine = await session()
        mine.set('name', 'Ada')
        mine.rotate({ userId: 'ada', facts: { device: 'x'.repeat(9000) } })
        await mine.commit().catch(error => thrown.push(error))
      }
      const engine = engineFor({ secrets: secret })
      for (const codec of [undefined, devalue]) {
        const sessions = createSessions<Data>({ engine, clock, onEvent, ...(codec && { codec }) })
        await see(browserOf(sessions, { '/fill': fill }), '/fill')
      }
      expect(String(thrown[0])).toMatch(/heaviest keys are the facts of rotate \(9013 bytes\), name \(5 bytes\)/)
      expect(String(thrown[1])).toMatch(/heaviest keys are the facts of rotate \(9013 bytes\), all data \(\d+ bytes\)/)
    })

    it('is refused before anything is sent when it passes the limit, and the error names what weighs most', async () => {
      let thrown: unknown
      const sessions = sessionsWith()
      const browser = browserOf(sessions, {
        '/huge': async session => {
          const mine = await session()
          mine.set('name', 'Ada')
          mine.set('theme', 'x'.repeat(9000))
          await mine.commit().catch(error => {
            thrown = error
          })
        },
      })
      await see(browser, '/count')
      const held = browser.get(cookieName)
      await see(browser, '/huge')
      expect(isKeepsakeError(thrown, 'SESSION_TOO_LARGE')).toBe(true)
      expect(String(thrown)).toMatch(
        /have 1\d{4} bytes, maxBytes is 7600; its heaviest keys are theme \(9002 bytes\), name \(5 bytes\)/,
      )
      expect(browser.get(cookieName)).toBe(held)
    })
  })

  describe('a secret that changes', () => {
    it('CVE-2025-47278: opens what the older one made, and the next write is made under the newest', async () => {
      const old = browserOf(sessionsWith({ secrets: olderSecret }))
      await see(old, '/count')
      const both = sessionsWith({ secrets: [secret, olderSecret] })
      const kept = `${cookieName}=${old.get(cookieName)}`
      expect(await see(sends(kept, both), '/')).toBe(1)
      expect(await see(sends(kept), '/')).toBeNull()

      const writes = withSessions(both, async request =>
        Response.json((await both.of(request)).update('count', (n = 0) => n + 1)),
      )
      const answer = await writes(new Request('https://site.example/', { headers: { cookie: kept } }))
      const renewed = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      expect(await see(sends(renewed), '/')).toBe(2)
      expect(await see(sends(renewed, sessionsWith({ secrets: olderSecret })), '/')).toBeNull()
    })
  })

  describe('with a store of revocations', () => {
    const store = (): ReturnType<typeof memoryStore> => memoryStore()

    const withRevocations = (revocations = store()) =>
      createSessions<Data>({
        engine: engineFor({ secrets: secret, revocations }),
        clock,
        onEvent,
        storeDeadline: '50ms',
      })

    it('ASVS 7.4.1: a cookie that was kept leads nowhere after the logout', async () => {
      const sessions = withRevocations()
      const browser = browserOf(sessions)
      await see(browser, '/count')
      const kept = `${cookieName}=${browser.get(cookieName)}`
      expect(await see(sends(kept, sessions), '/')).toBe(1)
      await see(browser, '/logout')
      expect(await see(sends(kept, sessions), '/')).toBeNull()
      expect(events).toEqual([{ type: 'session-unknown' }])
    })

    it('promise 4: a slow request cannot undo the logout, and its answer sets no cookie', async () => {
      const slow = gate()
      const browser = browserOf(withRevocations(), {
        '/slow': async session => {
          const mine = await session()
          await slow.wait()
          mine.set('name', 'Ada')
        },
      })
      await see(browser, '/count')
      const late = see(browser, '/slow')
      await slow.reached
      await see(browser, '/logout')
      slow.open()
      expect(await late).toBe('status 409')
      expect(browser.get(cookieName)).toBeUndefined()
    })

    it('the token of before a login leads nowhere', async () => {
      const sessions = withRevocations()
      const browser = browserOf(sessions)
      await see(browser, '/count')
      const kept = `${cookieName}=${browser.get(cookieName)}`
      await see(browser, '/login')
      expect(await see(sends(kept, sessions), '/')).toBeNull()
      expect(await see(browser, '/read')).toBe(1)
    })

    it('one device, all others or all are logged out from their next request on', async () => {
      const sessions = withRevocations()
      const login = async (): Promise<CookieJar> => {
        const browser = browserOf(sessions, {
          '/id': async session => (await session()).id,
          '/others': async session => sessions.revokeAll('ada', { except: await session() }),
        })
        await see(browser, '/login')
        return browser
      }
      const [phone, laptop, tablet] = [await login(), await login(), await login()]
      await sessions.revoke(String(await see(phone, '/id')))
      expect([await see(phone, '/who'), await see(laptop, '/who')]).toEqual([null, 'ada'])
      now += 1
      await see(laptop, '/others')
      expect([await see(tablet, '/who'), await see(laptop, '/who')]).toEqual([null, 'ada'])
      now += 1
      await sessions.revokeAll('ada')
      expect(await see(laptop, '/who')).toBeNull()
      now += 1
      expect(await see(await login(), '/who')).toBe('ada')
    })

    /** A browser that is logged in, on a server whose clock may differ. */
    const loggedIn = async (sessions: Sessions<Data>, more: Record<string, Page> = {}): Promise<CookieJar> => {
      const browser = browserOf(sessions, more)
      await see(browser, '/count')
      await see(browser, '/login')
      return browser
    }

    it('whoever ends all others stays logged in, also when the same request rotates, and within the same moment', async () => {
      const sessions = withRevocations()
      const other = await loggedIn(sessions)
      const browser = await loggedIn(sessions, {
        '/password': async session => {
          const mine = await session()
          mine.rotate()
          await sessions.revokeAll('ada', { except: mine })
        },
      })
      for (let times = 0; times < 2; times++) {
        const before = `${cookieName}=${browser.get(cookieName)}`
        await see(browser, '/password')
        expect([await see(browser, '/who'), await see(other, '/who')]).toEqual(['ada', null])
        expect(await see(sends(before, sessions), '/')).toBeNull()
        await see(other, '/login')
        expect([await see(browser, '/who'), await see(other, '/who')]).toEqual(['ada', 'ada'])
      }
      await sessions.revokeAll('ada')
      expect([await see(browser, '/who'), await see(other, '/who')]).toEqual([null, null])
      expect(await see(await loggedIn(sessions), '/who')).toBe('ada')
    })

    it('promise 4: what was ended with all others does not come back by sparing itself, nor by a rotation', async () => {
      for (const ending of ['revokeAll', 'rotate'] as const) {
        const sessions = withRevocations()
        const slow = gate()
        const thief = await loggedIn(sessions, {
          '/slow': async session => {
            const mine = await session()
            await slow.wait()
            if (ending === 'revokeAll') await sessions.revokeAll('ada', { except: mine })
            else mine.rotate()
          },
        })
        const owner = await loggedIn(sessions, {
          '/others': async session => sessions.revokeAll('ada', { except: await session() }),
        })
        const late = see(thief, '/slow')
        await slow.reached
        await see(owner, '/others')
        slow.open()
        await late
        expect([ending, await see(thief, '/who')]).toEqual([ending, null])
        // A store of sessions does the same: who is ended cannot be spared, and ends the others like any call.
        expect(await see(owner, '/who')).toBe(ending === 'rotate' ? 'ada' : null)
      }
    })

    it('sparing one twice spares it, and sparing another ends the first and what it was spared with', async () => {
      const sessions = withRevocations()
      const id: Page = async session => (await session()).id
      const [ada, eve] = [await loggedIn(sessions, { '/id': id }), await loggedIn(sessions, { '/id': id })]
      const except = String(await see(ada, '/id'))
      const dead = String(await see(eve, '/id'))
      await sessions.revokeAll('ada', { except })
      await sessions.revokeAll('ada', { except })
      expect([await see(ada, '/who'), await see(eve, '/who')]).toEqual(['ada', null])
      await sessions.revokeAll('ada', { except: dead })
      await sessions.revokeAll('ada', { except })
      await sessions.revokeAll('ada', { except: 'x 99999999999999 99999999999999' })
      expect([await see(sends(`${cookieName}=${ada.get(cookieName)}`, sessions), '/'), await see(eve, '/who')]).toEqual(
        [null, null],
      )
      expect(await see(await loggedIn(sessions), '/who')).toBe('ada')
    })

    it('ends the sessions of a server whose clock is ahead, and spares the logins of one whose clock is behind', async () => {
      const revocations = store()
      const here = withRevocations(revocations)
      const at = (offset: number): RevocableSessions<Data> =>
        createSessions<Data>({
          engine: engineFor({ secrets: secret, revocations }),
          clock: () => now + offset,
          onEvent,
        })
      const [ahead, behind] = [at(50_000), at(-50_000)]
      const before = await loggedIn(ahead)
      now += 1000
      await here.revokeAll('ada')
      expect(await see(before, '/who')).toBeNull()
      const after = await loggedIn(behind)
      expect(await see(after, '/who')).toBe('ada')
      await behind.revokeAll('ada')
      expect(await see(after, '/who')).toBeNull()
    })

    it('a logout holds for what another request rotated meanwhile', async () => {
      const sessions = withRevocations()
      const slow = gate()
      const browser = await loggedIn(sessions, {
        '/slow-logout': async session => {
          const mine = await session()
          await slow.wait()
          mine.destroy()
        },
      })
      const logout = see(browser, '/slow-logout')
      await slow.reached
      await see(browser, '/login')
      await see(browser, '/login')
      const rotated = `${cookieName}=${browser.get(cookieName)}`
      const beside = await loggedIn(sessions)
      slow.open()
      await logout
      expect(await see(sends(rotated, sessions), '/')).toBeNull()
      expect(await see(browserOf(sessions), '/who')).toBeNull()
      expect(await see(beside, '/who')).toBe('ada')
    })

    it('a note is kept as long as any process may take the session for alive, and a minute more', async () => {
      const notes: SessionRecord[] = []
      const inner = store()
      const revocations = {
        ...inner,
        create: (id: string, record: SessionRecord) => {
          notes.push(record)
          return inner.create(id, record)
        },
      }
      const engine = engineFor({ secrets: secret, revocations })
      const longer = createSessions<Data>({ engine, clock, onEvent })
      const shorter = createSessions<Data>({ engine, clock, onEvent, absoluteTimeout: '1d' })
      const browser = browserOf(longer, { '/ends': async session => void longer.revoke(String((await session()).id)) })
      await see(browser, '/count')
      const visit = withSessions(shorter, async incoming => {
        ;(await shorter.of(incoming)).destroy()
        return new Response()
      })
      const cookie = `${cookieName}=${browser.get(cookieName)}`
      await visit(new Request('https://site.example/', { headers: { cookie } }))
      await shorter.revokeAll('ada')
      const minute = 60_000
      expect(notes.map(({ createdAt, expiresAt }) => [createdAt.getTime(), expiresAt.getTime()])).toEqual([
        [now, now + 14 * 24 * hour + minute],
        [now, now + 24 * hour + minute],
      ])
      expect(await see(browser, '/read')).toBeNull()
    })

    it('an id that is none of ours leaves no note', async () => {
      const watch = watched(store())
      const sessions = withRevocations(watch.store)
      for (const id of ['x', '../../etc/passwd', 'A'.repeat(23), `${'A'.repeat(22)}\n`]) await sessions.revoke(id)
      expect(watch.calls).toEqual([])
    })

    it('the notes of sessions that could not be alive any more are swept', async () => {
      const revocations = store()
      const sessions = withRevocations(revocations)
      await see(await loggedIn(sessions), '/logout')
      await sessions.revokeAll('ada')
      expect(await sessions.clearExpired()).toBe(0)
      now += 30 * 24 * hour + 60_000
      expect(await sessions.clearExpired({ maxRecords: 1 })).toBe(1)
      sessions.clearExpiredEvery('1h')()
      await vi.waitFor(async () => expect(await revocations.deleteExpired(new Date(now), { limit: 9 })).toBe(0))
    })

    it('costs what docs/cookie-sessions.md says', async () => {
      const watch = watched(store())
      const sessions = withRevocations(watch.store)
      const [visitor, newcomer] = [browserOf(sessions), browserOf(sessions)]
      await see(visitor, '/count')
      const cost = async (browser: CookieJar, path: string): Promise<string> => {
        watch.calls.length = 0
        await see(browser, path)
        return `${path} ${watch.calls.join(' ')}`
      }
      expect([
        await cost(visitor, '/untouched'),
        await cost(visitor, '/read'),
        await cost(visitor, '/count'),
        await cost(visitor, '/login'),
        await cost(visitor, '/read'),
        await cost(visitor, '/count'),
        await cost(visitor, '/login'),
        await cost(visitor, '/logout'),
        await cost(newcomer, '/login'),
      ]).toEqual([
        '/untouched ',
        '/read read',
        '/count read read',
        '/login read read read create',
        '/read read read',
        '/count read read read read',
        '/login read read read read read create',
        '/logout read read create',
        '/login read',
      ])
    })

    it('a store that forgets by itself leaves nothing to sweep, in the type neither', () => {
      const { deleteExpired: _, ...forgetful } = store()
      const sessions = createSessions({ engine: engineFor({ secrets: secret, revocations: forgetful }) })
      // @ts-expect-error no sweep
      expect(sessions.clearExpired).toBeUndefined()
    })

    it('promise 7: a store that is down is no anonymous visitor: 503, and the cookie stays', async () => {
      const watch = watched(store())
      const sessions = createSessions<Data>({
        engine: engineFor({ secrets: secret, revocations: watch.store }),
        ...{ clock, onEvent, storeDeadline: '50ms' },
      })
      const browser = browserOf(sessions)
      await see(browser, '/count')
      for (const mode of ['down', 'hanging'] as const) {
        watch.mode = mode
        expect([await see(browser, '/read'), await see(browser, '/untouched')]).toEqual(['status 503', 'hello'])
      }
      watch.mode = 'up'
      expect(await see(browser, '/read')).toBe(1)
    })
  })
}

describe('an engine of the program’s own', () => {
  it('that makes a value which no four cookies carry gets an error with a remedy, and the visitor an answer', async () => {
    const engine: Engine = {
      open: async () => 'unknown' as const,
      reopen: async () => null,
      commit: async ({ record }) => ({ ...record, id: 'x', version: '1', cookieValue: 'x'.repeat(15_198) }),
      destroy: async () => undefined,
    }
    const sessions = createSessions<Data>({ engine, clock, onEvent })
    const visit = withSessions(sessions, async incoming => {
      const session = await sessions.of(incoming)
      session.set('count', 1)
      return new Response('page')
    })
    const answer = await visit(new Request('https://site.example/'))
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([500, []])

    const handler = nodeSessions(sessions, async (req, res) => {
      const session = await sessions.of(req)
      session.set('count', 1)
      res.end('page')
    })
    const server = await sites.serve((res, req) => handler(req, res))
    expect((await request(server).response()).status).toBe('HTTP/1.1 500 Internal Server Error')
  })
})

describe('the name of a session cookie', () => {
  it('that leaves no room for a part of a long session does not start', () => {
    const named = (length: number) => () =>
      createSessions({ store: memoryStore(), cookie: { name: 'a'.repeat(length), secure: 'never' } })
    expect(named(295)).toThrow(/COOKIE_INVALID.*295 characters/)
    expect(named(294)).not.toThrow()
  })
})
