import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { inspect } from 'node:util'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createSessions, isKeepsakeError, type SessionEvent, type SessionOptions } from '../src/index.ts'
import { databaseStore } from '../src/stores/database/database-store.ts'
import { memoryStore } from '../src/stores/memory.ts'
import type { ExpirySweep, SessionIndex, SessionStore } from '../src/stores/store.ts'
import { Browser, type Data, gate, type Page, site } from './support/site.ts'
import { type Watched, watched } from './support/watched-store.ts'

type Store = SessionStore & SessionIndex & ExpirySweep

const minute = 60_000
const folder = mkdtempSync(join(tmpdir(), 'keepsake-'))
afterAll(() => rmSync(folder, { recursive: true }))

const pages: Record<string, Page> = {
  '/untouched': () => 'hello',
  '/read': async session => (await session()).get('count') ?? null,
  '/count': async session => (await session()).update('count', (n = 0) => n + 1),
  '/rotate': async session => (await session()).rotate(),
  '/login': async session => (await session()).rotate({ userId: 'ada' }),
  '/logout': async session => (await session()).destroy(),
  '/empty': async session => (await session()).clear(),
}

describe('promises on memory', () => {
  keepsItsPromises(
    async () => memoryStore(),
    store => JSON.stringify(inspect(store, { depth: 9 })),
  )
})

describe('promises on memory that answers in no case in the same turn, as services do', () => {
  const later = <Args extends unknown[], Answer>(call: (...args: Args) => Promise<Answer>) => {
    return async (...args: Args) => call(...args)
  }

  keepsItsPromises(
    async () => {
      const { read, create, replace, delete: remove, ...others } = memoryStore()
      const verbs = { read: later(read), create: later(create), replace: later(replace), delete: later(remove) }
      return { ...others, ...verbs }
    },
    store => JSON.stringify(inspect(store, { depth: 9 })),
  )
})

describe('promises on SQLite', () => {
  let file = ''
  keepsItsPromises(
    async () => {
      file = join(folder, `${crypto.randomUUID()}.db`)
      const store = databaseStore(new DatabaseSync(file))
      await store.migrate()
      return store
    },
    () => readFileSync(file, 'latin1') + readFileSync(`${file}-wal`, 'latin1'),
  )
})

/** The design's promises, each as what a browser and the store's owner observe. `dump` is all that the store has written. */
function keepsItsPromises(createStore: () => Promise<Store>, dump: (store: Store) => string): void {
  let watch: Watched<Store>
  let now: number
  let events: SessionEvent[]

  beforeEach(async () => {
    watch = watched(await createStore())
    now = Date.UTC(2026, 0, 1)
    events = []
  })

  function sessionsWith(options: Partial<SessionOptions<Data>> = {}) {
    const watching = { clock: () => now, onEvent: (event: SessionEvent) => void events.push(event) }
    return createSessions<Data>({ store: watch.store, storeDeadline: '50ms', ...watching, ...options })
  }

  function newBrowser(more: Record<string, Page> = {}, options: Partial<SessionOptions<Data>> = {}): Browser {
    return new Browser(site(sessionsWith(options), { ...pages, ...more }))
  }

  /** The store calls that a visit costs. */
  async function costOf(browser: Browser, path: string): Promise<string[]> {
    watch.calls.length = 0
    await browser.open(path)
    return [...watch.calls]
  }

  describe('promise 1: nothing until asked', () => {
    it('a request that does not touch the session costs no store call and gets no header, cookie or not', async () => {
      const known = newBrowser()
      await known.open('/count')
      for (const browser of [newBrowser(), known.copy()]) {
        expect(await costOf(browser, '/untouched')).toEqual([])
        const { headers } = await browser.open('/untouched')
        expect([...headers.keys()]).toEqual(['content-type'])
      }
    })

    it('a visitor whose session is only read gets no record and no cookie', async () => {
      const browser = newBrowser()
      expect(await costOf(browser, '/read')).toEqual([])
      expect(browser.cookie).toBeUndefined()
    })

    it('a visitor who takes, deletes, clears, rotates or destroys what is not there gets none either', async () => {
      const browser = newBrowser({
        '/nothing': async session => {
          const mine = await session()
          mine.take('cart')
          mine.delete('name')
          mine.clear()
          mine.setExpiry('2h')
          mine.rotate()
          mine.destroy()
        },
      })
      expect(await costOf(browser, '/nothing')).toEqual([])
      expect((await browser.open('/nothing')).headers.getSetCookie()).toEqual([])
    })

    it('a first write costs one call, a read one, reading again none, a write of a known session two', async () => {
      const browser = newBrowser({
        '/again': async (session, _) => [(await session()).get('count'), (await session()).get('count')],
      })
      expect(await costOf(browser, '/count')).toEqual(['create'])
      expect(await costOf(browser, '/read')).toEqual(['read'])
      expect(await costOf(browser, '/again')).toEqual(['read'])
      expect(await costOf(browser, '/count')).toEqual(['read', 'replace'])
    })

    it('renewal costs nothing within a tenth of the idle timeout, and then one call and one cookie', async () => {
      const browser = newBrowser({}, { idleTimeout: '100m' })
      await browser.open('/count')
      now += 10 * minute - 1
      expect(await costOf(browser, '/read')).toEqual(['read'])
      now += 1
      const renewed = await browser.open('/read')
      expect(watch.calls).toEqual(['read', 'read', 'replace'])
      expect(renewed.headers.getSetCookie()).toEqual([expect.stringContaining('Max-Age=6000;')])
      expect(await costOf(browser, '/read')).toEqual(['read'])
    })

    it('F34: of 1,000 requests at once on renewal day, one renews, and one is sent the cookie', async () => {
      const browser = newBrowser({}, { idleTimeout: '100m' })
      await browser.open('/count')
      now += 10 * minute
      watch.calls.length = 0
      const answers = await Promise.all(Array.from({ length: 1000 }, () => browser.copy().open('/read')))
      expect(watch.calls.filter(call => call === 'read')).toHaveLength(1000)
      expect(watch.calls.filter(call => call !== 'read')).toEqual(['replace'])
      expect(answers.filter(answer => answer.headers.getSetCookie().length > 0)).toHaveLength(1)
    })
  })

  describe('promise 2: saved before answered', () => {
    const hurried: Record<string, Page> = {
      '/hurried': async session => {
        const mine = await session()
        mine.set('count', 1)
        void mine.commit()
      },
    }

    it.each([
      ['by itself', '/count'],
      ['by a commit that the page does not wait for', '/hurried'],
    ])('the answer waits until the save is acknowledged, be it made %s', async (_, path) => {
      const saving = gate()
      const { create } = watch.store
      watch.store.create = async (id, record) => {
        await saving.wait()
        return create(id, record)
      }
      let answered = false
      const answer = newBrowser(hurried, { storeDeadline: '10s' })
        .open(path)
        .then(response => {
          answered = true
          return response
        })
      await saving.reached
      await new Promise(resolve => setImmediate(resolve))
      expect(answered).toBe(false)
      saving.open()
      expect((await answer).headers.getSetCookie()).toHaveLength(1)
    })

    it('if a save fails that the page does not wait for, the client gets an error and no cookie', async () => {
      watch.store.create = async () => {
        await new Promise(resolve => setImmediate(resolve))
        throw new Error('disk full')
      }
      const answer = await newBrowser(hurried).open('/hurried')
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([503, []])
    })

    it('if the save fails, the client gets an error and no cookie', async () => {
      watch.mode = 'down'
      const response = await newBrowser().open('/count')
      expect(response.status).toBe(503)
      expect(response.headers.getSetCookie()).toEqual([])
    })
  })

  describe('promise 3: no lost update', () => {
    it('two requests that change different keys at the same time both survive', async () => {
      const [first, second] = [gate(), gate()]
      const browser = newBrowser({
        '/first': async session => {
          const mine = await session()
          await first.wait()
          mine.set('name', 'Ada')
        },
        '/second': async session => {
          const mine = await session()
          await second.wait()
          mine.set('theme', 'dark')
        },
        '/all': async session => (await session()).toObject(),
      })
      await browser.open('/count')
      const answers = [browser.open('/first'), browser.open('/second')]
      await Promise.all([first.reached, second.reached])
      second.open()
      first.open()
      for (const answer of answers) expect((await answer).status).toBe(200)
      expect(await browser.see('/all')).toEqual({ count: 1, name: 'Ada', theme: 'dark' })
    })

    it('100 parallel requests that count one up each count to 100', async () => {
      const browser = newBrowser()
      await browser.open('/count')
      await Promise.all(Array.from({ length: 100 }, () => browser.open('/count')))
      expect(await browser.see('/read')).toBe(101)
    })

    it('a change that another request keeps undoing ends with an error, not in silence', async () => {
      const browser = newBrowser({}, { storeDeadline: '10s' })
      await browser.open('/count')
      watch.store.replace = async () => false
      const response = await browser.open('/count')
      expect(response.status).toBe(503)
      expect(response.headers.getSetCookie()).toEqual([])
    })
  })

  describe('promise 4: no logout undone', () => {
    it('a slow request cannot bring back what another destroyed: it gets SESSION_ENDED, no cookie, and 409', async () => {
      const slow = gate()
      let thrown: unknown
      const browser = newBrowser({
        '/slow': async session => {
          const mine = await session()
          await slow.wait()
          mine.set('name', 'too late')
          await mine.commit().catch(error => {
            thrown = error
            throw error
          })
        },
      })
      await browser.open('/count')
      const { cookie } = browser
      const late = browser.copy().open('/slow')
      await slow.reached
      await browser.open('/logout')
      slow.open()

      const response = await late
      expect(response.status).toBe(409)
      expect(response.headers.getSetCookie()).toEqual([])
      expect(isKeepsakeError(thrown, 'SESSION_ENDED')).toBe(true)
      expect(await new Browser(site(sessionsWith(), pages), cookie).see('/read')).toBeNull()
      expect(events.map(({ type }) => type)).toContain('session-ended')
    })

    it.each(['/slow-write', '/slow-rotate', '/slow-read'])('nor can %s that does not commit by hand', async path => {
      const slow = gate()
      const openSlowly = async (session: Parameters<Page>[0]) => {
        const mine = await session()
        await slow.wait()
        return mine
      }
      const slowPages: Record<string, Page> = {
        '/slow-write': async session => (await openSlowly(session)).set('name', 'late'),
        '/slow-rotate': async session => (await openSlowly(session)).rotate({ userId: 'eve' }),
        '/slow-read': async session => {
          const mine = await openSlowly(session)
          now += 2 * 24 * 60 * minute // so that renewal is due
          return mine.get('count')
        },
      }
      const browser = newBrowser(slowPages)
      await browser.open('/count')
      const stale = browser.copy()
      const late = stale.open(path)
      await slow.reached
      await browser.open('/logout')
      slow.open()
      expect((await late).headers.getSetCookie()).toEqual([])
      expect(await stale.see('/read')).toBeNull()
      const left = []
      for await (const record of watch.store.find('userId', 'eve')) left.push(record)
      expect(left).toEqual([])
    })

    it('nor one that was revoked, or that ended by its timeout, while the request ran', async () => {
      for (const end of ['revoked', 'expired']) {
        const slow = gate()
        const browser = newBrowser({
          '/slow': async session => {
            const mine = await session()
            await slow.wait()
            mine.set('name', 'too late')
          },
          '/id': async session => (await session()).id,
        })
        await browser.open('/count')
        const late = browser.copy().open('/slow')
        await slow.reached
        if (end === 'revoked') await sessionsWith().revoke(String(await browser.see('/id')))
        else now += 15 * 24 * 60 * minute
        slow.open()
        expect([end, (await late).status]).toEqual([end, 409])
        expect(await browser.see('/read')).toBeNull()
      }
    })

    it('the old token leads nowhere after a rotation, and the new one leads to the same data', async () => {
      const browser = newBrowser()
      await browser.open('/count')
      const old = browser.copy()
      await browser.open('/rotate')
      expect(browser.cookie).not.toBe(old.cookie)
      expect(await browser.see('/read')).toBe(1)
      expect(await old.see('/read')).toBeNull()
    })
  })

  describe('promise 5: secrets are not at rest', () => {
    it('CVE-2019-16782: neither the store nor what can be shown of a session holds the token', async () => {
      const shown: string[] = []
      const browser = newBrowser({
        '/show': async session => {
          const mine = await session()
          shown.push(inspect(mine, { depth: 9, showHidden: true }), JSON.stringify(mine), String(mine), `${mine.id}`)
          shown.push(JSON.stringify(await sessionsWith().list('ada')))
        },
      })
      await browser.open('/count')
      const tokens = [browser.token]
      await browser.open('/login')
      tokens.push(browser.token)
      await browser.open('/show')
      const written = dump(watch.store) + shown.join()
      expect(written).toContain('"count')
      for (const token of tokens) {
        for (const spelling of ['base64url', 'base64', 'hex'] as const) {
          expect(written).not.toContain(Buffer.from(token, 'base64url').toString(spelling))
        }
        expect(written).not.toContain(Buffer.from(token, 'base64url').toString('latin1'))
      }
    })

    it('errors and events name the id at most', async () => {
      const browser = newBrowser()
      await browser.open('/count')
      const stale = browser.copy()
      const mode: Watched<Store>['mode'][] = ['down', 'hanging']
      for (watch.mode of mode) await browser.open('/count')
      watch.mode = 'up'
      await browser.open('/logout')
      await stale.open('/count')
      expect(JSON.stringify(events)).not.toContain(stale.token)
    })
  })

  describe("promise 6: expiry is the server's", () => {
    it('a session ends after its idle timeout, though the cookie is still sent and nothing was swept', async () => {
      const browser = newBrowser({}, { idleTimeout: '10m' })
      await browser.open('/count')
      now += 10 * minute - 1
      const last = browser.copy()
      now += 1
      expect(await last.see('/read')).toBeNull()
      expect(events.map(({ type }) => type)).toEqual(['session-expired'])
    })

    it('use renews it, but not beyond the absolute timeout, and neither does a new token', async () => {
      const browser = newBrowser({}, { idleTimeout: '10m', absoluteTimeout: '60m' })
      await browser.open('/count')
      for (let minutes = 5; minutes < 60; minutes += 5) {
        now += 5 * minute
        expect([minutes, await browser.see('/read')]).toEqual([minutes, 1])
        await browser.open('/rotate')
      }
      now += 5 * minute
      expect(await browser.see('/read')).toBeNull()
    })

    it('what expired is never written over: the next change begins another session', async () => {
      const browser = newBrowser({}, { idleTimeout: '10m' })
      await browser.open('/count')
      const old = browser.copy()
      now += 10 * minute
      expect(await browser.see('/count')).toBe(1)
      expect(browser.cookie).not.toBe(old.cookie)
      expect(await old.see('/read')).toBeNull()
    })

    it('sweeping removes what expired and nothing else', async () => {
      const [gone, stays] = [newBrowser({}, { idleTimeout: '10m' }), newBrowser()]
      await gone.open('/count')
      await stays.open('/count')
      now += 10 * minute
      expect(await sessionsWith().clearExpired()).toBe(1)
      expect(await sessionsWith().clearExpired()).toBe(0)
      expect(await stays.see('/read')).toBe(1)
    })
  })

  describe('promise 7: a broken store is not an anonymous user', () => {
    it.each(['down', 'hanging'] as const)(
      'with the store %s: 503, the cookie is kept, and it works again after',
      async mode => {
        const browser = newBrowser()
        await browser.open('/count')
        const { cookie } = browser
        watch.mode = mode
        for (const path of ['/read', '/count', '/rotate', '/logout']) {
          const response = await browser.open(path)
          expect([path, response.status, response.headers.getSetCookie()]).toEqual([path, 503, []])
          expect(response.headers.get('Retry-After')).toBe('1')
        }
        expect((await browser.open('/untouched')).status).toBe(200)
        expect(browser.cookie).toBe(cookie)
        watch.mode = 'up'
        expect(await browser.see('/count')).toBe(2)
      },
    )

    it('the program gets STORE_FAILED with what the store said, or STORE_TIMEOUT at the deadline', async () => {
      const caught: unknown[] = []
      const browser = newBrowser({
        '/careful': async session => {
          await session().catch(error => caught.push(error))
          return 'still here'
        },
      })
      await browser.open('/count')
      watch.mode = 'down'
      expect(await browser.see('/careful')).toBe('still here')
      watch.mode = 'hanging'
      await browser.open('/careful')
      expect(caught).toMatchObject([
        { code: 'STORE_FAILED', status: 503, cause: { message: 'connection refused' } },
        { code: 'STORE_TIMEOUT', status: 503 },
      ])
    })

    it('a logout that the store does not take is an error, and the cookie stays until it does', async () => {
      const browser = newBrowser()
      await browser.open('/count')
      const { delete: remove } = watch.store
      watch.store.delete = () => Promise.reject(new Error('read only'))
      const response = await browser.open('/logout')
      expect([response.status, response.headers.getSetCookie()]).toEqual([503, []])
      watch.store.delete = remove
      await browser.open('/logout')
      expect(browser.cookie).toBeUndefined()
    })
  })

  describe('promise 8: client garbage never throws', () => {
    const token = 'A'.repeat(43)
    it.each([
      ['an empty value', '', ['cookie-malformed']],
      ['a megabyte', 'A'.repeat(1_000_000), ['cookie-malformed']],
      ['the wrong alphabet', '+/'.padEnd(43, 'A'), ['cookie-malformed']],
      ['a spelling that is not canonical', `${'A'.repeat(42)}B`, ['cookie-malformed']],
      ['percent sequences', `%41${'A'.repeat(40)}`, ['cookie-malformed']],
      ['a broken percent sequence', '%E0%A4%A', ['cookie-malformed']],
      ['quotes', `"${token}"`, ['cookie-malformed']],
      ['the word undefined', 'undefined', ['cookie-malformed']],
      ['a path', '../../etc/passwd', ['cookie-malformed']],
      ['bytes beyond ASCII', 'é'.repeat(43), ['cookie-malformed']],
      ['two different cookies of the name', `${token}; __Host-session=x`, ['cookie-duplicate']],
    ])('%s: an empty session, one event, and no store call', async (_, value, types) => {
      const browser = newBrowser()
      browser.cookie = `__Host-session=${value}`
      expect(await costOf(browser, '/read')).toEqual([])
      expect(await browser.see('/read')).toBeNull()
      expect(events.splice(1).map(({ type }) => type)).toEqual(types)
    })

    it('an unknown token: an empty session, one event, and an id that the client cannot choose', async () => {
      const browser = newBrowser()
      browser.cookie = `__Host-session=${token}`
      expect(await browser.see('/read')).toBeNull()
      expect(events).toEqual([{ type: 'session-unknown' }])
      await browser.open('/count')
      expect(browser.token).not.toBe(token)
    })

    it.each([
      ['truncated', (payload: string) => payload.slice(0, -5)],
      ['not JSON', () => 'gAWVCgAAAAAAAAB9lC4='],
      ['of a later version', (payload: string) => payload.replace('"v":1', '"v":2')],
      ['with a __proto__ key', (payload: string) => payload.replace('"count"', '"__proto__"')],
      ['with a __proto__ key deep inside', (payload: string) => payload.replace(':1', ':[{"a":{"__proto__":{}}}]')],
    ])(
      'a record that is %s reads as empty with one event, and stays until something is written',
      async (_, corrupt) => {
        const ids: (string | null)[] = []
        const browser = newBrowser({ '/id': async session => void ids.push((await session()).id) })
        await browser.open('/count')
        await browser.open('/id')
        const id = String(ids[0])
        const was = await watch.store.read(id)
        if (!was) throw new Error('the record is not there')
        const payload = corrupt(was.payload.replace('"count":1', '"count":1'))
        await watch.store.replace({ id, version: was.version }, id, {
          ...was,
          payload,
          createdAt: new Date(now),
          index: {},
        })

        expect(await browser.see('/read')).toBeNull()
        expect(events).toEqual([{ type: 'record-corrupt', id }])
        expect((await watch.store.read(id))?.payload).toBe(payload)
        expect(await browser.see('/count')).toBe(1)
        expect(await browser.see('/read')).toBe(1)
      },
    )
  })
}
