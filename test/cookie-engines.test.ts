import { beforeEach, describe, expect, it, vi } from 'vitest'
import { withSessions } from '../src/adapters/fetch.ts'
import type { CookieEngineOptions, RevocationOptions } from '../src/engines/cookie-engine.ts'
import { encryptedCookie } from '../src/engines/encrypted-cookie.ts'
import type { Engine, EngineSettings, Revocation } from '../src/engines/engine.ts'
import { signedCookie } from '../src/engines/signed-cookie.ts'
import { createSessions, isKeepsakeError, type SessionEvent } from '../src/index.ts'
import type { Sessions } from '../src/session/sessions.ts'
import { memoryStore } from '../src/stores/memory.ts'
import { CookieJar } from '../src/testing/cookie-jar.ts'
import { type Data, gate, type Page } from './support/site.ts'
import { watched } from './support/watched-store.ts'

type EngineFor = {
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

  describe('a value that somebody made', () => {
    it('ASVS 9.1.1: with any bit flipped is the same empty session, and its JSON is never parsed', async () => {
      const browser = browserOf(sessionsWith())
      await see(browser, '/count')
      const value = browser.get(cookieName) ?? ''
      const parse = vi.spyOn(JSON, 'parse')
      const answers = new Set<string>()
      for (let bit = 0; bit < value.length * 8; bit++) {
        const bytes = Buffer.from(value, 'latin1')
        const flipped = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        // No server lets control characters through.
        if (flipped < 0x20 || flipped === 0x7f) continue
        bytes[bit >> 3] = flipped
        const response = await sends(`${cookieName}=${bytes.toString('latin1')}`).fetch('https://site.example/')
        answers.add(`${response.status} ${await response.text()} ${JSON.stringify([...response.headers])}`)
      }
      expect(parse).not.toHaveBeenCalled()
      parse.mockRestore()
      expect([...answers]).toEqual([expect.stringMatching(/^200 null /)])
    })

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
