import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, it } from 'vitest'
import { createSessions, type SessionEvent, type SessionOptions } from '../src/index.ts'
import { databaseStore } from '../src/stores/database/database-store.ts'
import { memoryStore } from '../src/stores/memory.ts'
import type { ExpirySweep, SessionIndex, SessionStore } from '../src/stores/store.ts'
import { Browser, type Data, gate, type Page, site } from './support/site.ts'
import { watched } from './support/watched-store.ts'

type Store = SessionStore & SessionIndex & ExpirySweep

// Each test has the name of the test in Django's own suite (tests/sessions_tests) whose behaviour it shows. Where ours
// differs, docs/django.md says how and why.
describe("Django's session behaviour, on memory", () => {
  behavesLikeDjango(async () => memoryStore())
})

describe("Django's session behaviour, on SQLite", () => {
  behavesLikeDjango(async () => {
    const store = databaseStore(new DatabaseSync(':memory:'))
    await store.migrate()
    return store
  })
})

function behavesLikeDjango(createStore: () => Promise<Store>): void {
  const twoWeeks = 14 * 86_400
  let store: Store
  let now: number
  let events: SessionEvent[]

  beforeEach(async () => {
    store = await createStore()
    now = Date.UTC(2026, 0, 1)
    events = []
  })

  function sessionsWith(options: Partial<SessionOptions<Data>>) {
    const watching = { clock: () => now, onEvent: (event: SessionEvent) => void events.push(event) }
    return createSessions<Data>({ store, ...watching, ...options })
  }

  function browserOf(pages: Record<string, Page>, options: Partial<SessionOptions<Data>> = {}): Browser {
    const common: Record<string, Page> = {
      '/all': async session => (await session()).toObject(),
      '/id': async session => (await session()).id,
      '/count': async session => (await session()).update('count', (n = 0) => n + 1),
    }
    return new Browser(site(sessionsWith(options), { ...common, ...pages }))
  }

  /** What a browser with a session of `{ name: 'Ada' }` gets from a page. */
  async function knownBrowser(page: Page, options: Partial<SessionOptions<Data>> = {}): Promise<Browser> {
    const browser = browserOf(
      { '/known': async session => (await session()).set('name', 'Ada'), '/page': page },
      options,
    )
    await browser.see('/known')
    return browser
  }

  const setCookieOf = async (browser: Browser, path: string) =>
    (await browser.open(path)).headers.getSetCookie()[0] ?? ''
  const exists = async (browser: Browser) => (await browser.copy().see('/id')) !== null

  describe('SessionTestsMixin', () => {
    it('test_new_session: a session that was not touched is neither read nor written', async () => {
      const watch = watched(store)
      store = watch.store
      const browser = await knownBrowser(() => 'untouched')
      watch.calls.length = 0
      const { headers } = await browser.open('/page')
      expect([watch.calls, headers.get('Vary')]).toEqual([[], null])
    })

    it('test_get_empty: what is not there is undefined', async () => {
      expect(await browserOf({ '/': async session => (await session()).get('cart') ?? 'nothing' }).see('/')).toBe(
        'nothing',
      )
    })

    it('test_store, test_pop: what was set can be taken once, and both are saved', async () => {
      const browser = await knownBrowser(async session => (await session()).take('name') ?? null)
      expect(await browser.see('/page')).toBe('Ada')
      expect(await browser.see('/page')).toBeNull()
    })

    it('test_pop_default, test_pop_no_default_keyerror_raised: taking what is not there gives undefined and saves nothing', async () => {
      const watch = watched(store)
      store = watch.store
      const browser = await knownBrowser(async session => (await session()).take('cart') ?? 'default')
      watch.calls.length = 0
      expect(await browser.see('/page')).toBe('default')
      expect(watch.calls).toEqual(['read'])
    })

    it('test_setdefault: update with a default sets once and then keeps', async () => {
      const browser = browserOf({
        '/first': async session => (await session()).update('theme', (theme = 'dark') => theme),
        '/second': async session => (await session()).update('theme', (theme = 'light') => theme),
      })
      expect([await browser.see('/first'), await browser.see('/second')]).toEqual(['dark', 'dark'])
    })

    it('test_update: assign merges', async () => {
      const browser = await knownBrowser(async session => (await session()).assign({ count: 2, theme: 'dark' }))
      await browser.see('/page')
      expect(await browser.see('/all')).toEqual({ name: 'Ada', count: 2, theme: 'dark' })
    })

    it('test_has_key, test_keys, test_values, test_items: looking at the data reads it and saves nothing', async () => {
      const browser = await knownBrowser(async session => {
        const mine = await session()
        return [
          mine.has('name'),
          mine.has('cart'),
          mine.keys(),
          Object.values(mine.toObject()),
          Object.entries(mine.toObject()),
        ]
      })
      const response = await browser.open('/page')
      expect(await response.json()).toEqual([true, false, ['name'], ['Ada'], [['name', 'Ada']]])
      expect([response.headers.get('Vary'), response.headers.getSetCookie()]).toEqual(['Cookie', []])
    })

    it('test_clear: clear empties the data', async () => {
      const browser = await knownBrowser(async session => (await session()).clear())
      await browser.see('/page')
      expect(await browser.see('/all')).toEqual({})
    })

    it('test_save, test_delete: a saved session exists, a revoked one does not', async () => {
      const browser = await knownBrowser(() => null)
      expect(await exists(browser)).toBe(true)
      await sessionsWith({}).revoke(String(await browser.see('/id')))
      expect(await exists(browser)).toBe(false)
    })

    it('test_flush: destroy ends the session, and the program sees it without an id', async () => {
      const browser = await knownBrowser(async session => {
        const mine = await session()
        mine.destroy()
        return [mine.id, mine.keys()]
      })
      const held = browser.copy()
      expect(await browser.see('/page')).toEqual([null, []])
      expect(await exists(held)).toBe(false)
    })

    it('test_cycle, test_cycle_with_no_session_cache: rotate gives a new token and keeps the data, looked at or not', async () => {
      for (const look of [true, false]) {
        const browser = await knownBrowser(async session => {
          const mine = await session()
          if (look) mine.toObject()
          mine.rotate()
        })
        const [held, id] = [browser.copy(), await browser.see('/id')]
        await browser.see('/page')
        expect(await browser.see('/id')).not.toBe(id)
        expect(await browser.see('/all')).toEqual({ name: 'Ada' })
        expect(await exists(held)).toBe(false)
      }
    })

    it('test_save_doesnt_clear_data: the data is there after a commit', async () => {
      const browser = await knownBrowser(async session => {
        const mine = await session()
        mine.set('theme', 'dark')
        await mine.commit()
        return mine.toObject()
      })
      expect(await browser.see('/page')).toEqual({ name: 'Ada', theme: 'dark' })
    })

    it('test_invalid_key, test_session_key_too_short_invalid, test_session_key_empty_string_invalid: such a cookie is no session, and its value is never taken over', async () => {
      for (const value of ['1', '', 'a'.repeat(7), 'a'.repeat(8), 'a'.repeat(32)]) {
        const browser = browserOf({})
        browser.cookie = `__Host-session=${value}`
        expect([value, await browser.see('/count')]).toEqual([value, 1])
        expect(browser.token).toHaveLength(43)
      }
    })

    it('test_session_key_is_read_only: the id cannot be assigned', async () => {
      const browser = await knownBrowser(async session => {
        const mine = await session()
        expect(() => Object.assign(mine, { id: 'x'.repeat(43) })).toThrow(TypeError)
      })
      await browser.see('/page')
    })

    it('test_default_expiry: the cookie lasts as long as the idle timeout, two weeks', async () => {
      expect(await setCookieOf(browserOf({}), '/count')).toContain(`Max-Age=${twoWeeks};`)
    })

    it('test_custom_expiry_seconds, _timedelta, _datetime, _reset: a session may last as it likes, and go back', async () => {
      const browser = browserOf({
        '/10s': async session => (await session()).setExpiry('10s'),
        '/date': async session => (await session()).setExpiry(new Date(now + 10_000)),
        '/reset': async session => (await session()).setExpiry('default'),
      })
      await browser.see('/count')
      expect(await setCookieOf(browser, '/10s')).toContain('Max-Age=10;')
      expect(await setCookieOf(browser, '/date')).toContain('Max-Age=10;')
      expect(await setCookieOf(browser, '/reset')).toContain(`Max-Age=${twoWeeks};`)
      await browser.open('/10s')
      now += 10_000
      expect(await exists(browser)).toBe(false)
    })

    it('test_get_expire_at_browser_close: by the session, or by the option', async () => {
      const page: Page = async session => (await session()).setExpiry('browser')
      expect(await setCookieOf(await knownBrowser(page), '/page')).not.toContain('Max-Age')
      for (const persistent of [true, false]) {
        const line = await setCookieOf(browserOf({}, { cookie: { persistent } }), '/count')
        expect([persistent, line.includes('Max-Age')]).toEqual([persistent, persistent])
      }
    })

    it('test_decode, test_decode_failure_logged_to_security, test_decode_serializer_exception: what cannot be read is an empty session and one event', async () => {
      const browser = await knownBrowser(() => null)
      const id = String(await browser.see('/id'))
      for (const payload of ['', 'junk', '{"v":1', 'e30:1abc:xyz']) {
        const { version = '' } = (await store.read(id)) ?? {}
        const record = { payload, createdAt: new Date(now), expiresAt: new Date(now + 1000), index: {} }
        await store.replace({ id, version }, id, record)
        events = []
        expect([payload, await browser.see('/all')]).toEqual([payload, {}])
        expect(events).toEqual([{ type: 'record-corrupt', id }])
      }
    })

    it('test_actual_expiry: an end in the past is the end', async () => {
      const browser = await knownBrowser(async session => (await session()).setExpiry(new Date(now - 10_000)))
      const held = browser.copy()
      expect(await setCookieOf(browser, '/page')).toContain('Max-Age=0;')
      expect(await exists(held)).toBe(false)
    })

    it('test_session_load_does_not_create_record: an unknown cookie creates nothing', async () => {
      const browser = browserOf({})
      browser.cookie = `__Host-session=${'A'.repeat(43)}`
      expect(await browser.see('/id')).toBeNull()
      expect(await store.deleteExpired(new Date(8e15), { limit: 9 })).toBe(0)
    })

    it('test_session_save_does_not_resurrect_session_logged_out_in_other_context', async () => {
      const slow = gate()
      const browser = await knownBrowser(async session => {
        const mine = await session()
        await slow.wait()
        mine.set('name', 'Eve')
      })
      const late = browser.copy().open('/page')
      await slow.reached
      await sessionsWith({}).revoke(String(await browser.see('/id')))
      slow.open()
      expect((await late).status).toBe(409)
      expect(await store.deleteExpired(new Date(8e15), { limit: 9 })).toBe(0)
    })
  })

  describe('DatabaseSessionTests', () => {
    it('test_session_get_decoded: a list of sessions gives their data', async () => {
      const browser = await knownBrowser(async session => (await session()).rotate({ userId: '7' }))
      await browser.see('/page')
      expect(await sessionsWith({}).list('7')).toMatchObject([{ userId: '7', data: { name: 'Ada' } }])
    })

    it('test_clearsessions_command, test_aclear_expired: of one session to come and one past, one remains', async () => {
      const [past, future] = [browserOf({}, { idleTimeout: '1h' }), browserOf({})]
      await past.see('/count')
      await future.see('/count')
      now += 3_600_000
      expect(await sessionsWith({}).clearExpired()).toBe(1)
      expect([await exists(past), await exists(future)]).toEqual([false, true])
    })

    it('test_extra_session_field: the user of a session is a column, and empty again after', async () => {
      const users = ['7', null]
      const browser = await knownBrowser(async session => (await session()).rotate({ userId: users.shift() ?? null }))
      await browser.see('/page')
      expect(await sessionsWith({}).list('7')).toHaveLength(1)
      await browser.see('/page')
      expect(await sessionsWith({}).list('7')).toEqual([])
    })
  })

  describe('SessionMiddlewareTests', () => {
    it.each([
      ['test_secure_session_cookie', {}, 'Secure', true],
      ['test_secure_session_cookie, without', { secure: false }, 'Secure', false],
      ['test_httponly_session_cookie', {}, 'HttpOnly', true],
      ['test_samesite_session_cookie', { sameSite: 'strict' }, 'SameSite=Strict', true],
      ['test_samesite_session_cookie, by default', {}, 'SameSite=Lax', true],
    ] as const)('%s: the attributes follow the options', async (_, cookie, attribute, there) => {
      const line = await setCookieOf(browserOf({}, { cookie }), '/count')
      expect(line.split('; ').includes(attribute)).toBe(there)
    })

    it('test_session_save_on_500, _5xx: a failed answer saves nothing', async () => {
      for (const status of [500, 503]) {
        const browser = await knownBrowser(async session => {
          ;(await session()).set('name', 'Eve')
          return new Response('', { status })
        })
        const { headers } = await browser.open('/page')
        expect([status, headers.getSetCookie(), headers.get('Vary')]).toEqual([status, [], 'Cookie'])
        expect(await browser.see('/all')).toEqual({ name: 'Ada' })
      }
    })

    it('test_session_update_error_redirect: the error tells that the session ended, and why that may be', async () => {
      const slow = gate()
      const browser = await knownBrowser(async session => {
        const mine = await session()
        await slow.wait()
        mine.set('name', 'Eve')
        await expect(mine.commit()).rejects.toThrow(
          /SESSION_ENDED: The session ended while this request ran.*logged out/,
        )
      })
      const late = browser.copy().open('/page')
      await slow.reached
      await sessionsWith({}).revoke(String(await browser.see('/id')))
      slow.open()
      await late
    })

    it('test_session_delete_on_end, with_custom_domain_and_path: ending deletes the cookie just as it was set', async () => {
      const cookies = [{}, { domain: 'example.com', path: '/example/' }, { secure: false }]
      for (const cookie of cookies) {
        const browser = await knownBrowser(async session => (await session()).destroy(), { cookie })
        const attributes = (line: string) =>
          line.split('; ').filter(part => !/^Max-Age|=[\w-]{43}$|session=/.test(part))
        const set = await setCookieOf(browserOf({}, { cookie }), '/count')
        const response = await browser.open('/page')
        const [deleted = ''] = response.headers.getSetCookie()
        expect(deleted).toMatch(/session=; Max-Age=0;/)
        expect(attributes(deleted)).toEqual(attributes(set))
        expect(response.headers.get('Vary')).toBe('Cookie')
      }
    })

    it('test_flush_empty_without_session_cookie_doesnt_set_cookie: no cookie, but Vary', async () => {
      const { headers } = await browserOf({ '/': async session => (await session()).destroy() }).open('/')
      expect([headers.getSetCookie(), headers.get('Vary')]).toEqual([[], 'Cookie'])
    })

    it('test_empty_session_saved: an emptied session is saved as empty, and lives on', async () => {
      const browser = await knownBrowser(async session => (await session()).delete('name'))
      const id = await browser.see('/id')
      await browser.see('/page')
      expect([await browser.see('/id'), await browser.see('/all')]).toEqual([id, {}])
    })

    it('existing_save_every (5.2): Vary wherever a cookie is set', async () => {
      const { headers } = await browserOf({}).open('/count')
      expect([headers.getSetCookie().length, headers.get('Vary')]).toEqual([1, 'Cookie'])
    })
  })

  it('SessionBaseTests.test_is_empty: a new session has no keys', async () => {
    expect(await browserOf({ '/': async session => (await session()).keys() }).see('/')).toEqual([])
  })
}
