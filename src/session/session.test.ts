import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { Browser, type Data, gate, type Page, site } from '../../test/support/site.ts'
import { createSessions } from '../create-sessions.ts'
import { isKeepsakeError } from '../errors.ts'
import type { SessionEvent } from '../events.ts'
import { memoryStore } from '../stores/memory.ts'
import type { SessionOptions } from './options.ts'
import type { Session } from './session.ts'

function newBrowser(pages: Record<string, Page>, options: Partial<SessionOptions<Data>> = {}): Browser {
  return new Browser(site(createSessions<Data>({ store: memoryStore(), ...options }), pages))
}

/** What one request does to its session. */
async function inOneRequest(run: (session: Session<Data>) => unknown): Promise<Browser> {
  const browser = newBrowser({
    '/do': async session => {
      await run(await session())
    },
    '/see': async session => (await session()).toObject(),
  })
  await browser.see('/do')
  return browser
}

it('a session is lost whose token came and leads nowhere, and no other', async () => {
  const seen: boolean[] = []
  const browser = newBrowser({
    '/set': async session => (await session()).set('count', 1),
    '/end': async session => (await session()).destroy(),
    '/see': async session => void seen.push((await session()).isLost),
  })
  await browser.see('/see')
  await browser.see('/set')
  await browser.see('/see')
  const old = browser.copy()
  await browser.see('/end')
  await browser.see('/see')
  await old.see('/see')
  expect(seen).toEqual([false, false, false, true])
})

it('a transport that throws fails the promise of the session, and not the call that asks for it', async () => {
  const transport = {
    varyBy: [],
    values: (): readonly string[] => {
      throw new Error('no such header')
    },
    send: () => undefined,
    forget: () => false,
  }
  const failures: unknown[] = []
  const browser = newBrowser(
    { '/see': session => session().then(undefined, error => void failures.push(error.message)) },
    { transport },
  )
  await browser.see('/see')
  expect(failures).toEqual(['no such header'])
})

describe('reading', () => {
  it('gives undefined, or the fallback, for what is not there', () =>
    inOneRequest(session => {
      expect(session.get('count')).toBeUndefined()
      expect(session.get('count', 7)).toBe(7)
      expect(session.has('count')).toBe(false)
      expect(session.keys()).toEqual([])
    }))

  it('sees what the same request set', () =>
    inOneRequest(session => {
      session.set('count', 3)
      expect(session.get('count', 7)).toBe(3)
      expect(session.has('count')).toBe(true)
      expect(session.keys()).toEqual(['count'])
    }))

  it('finds nothing of what every object inherits', () =>
    inOneRequest(session => {
      for (const key of ['constructor', 'toString', '__proto__', 'hasOwnProperty'] as never[]) {
        expect([key, session.get(key), session.has(key)]).toEqual([key, undefined, false])
      }
    }))

  it('gives a copy with toObject, and shows the data, not the token, as JSON', () =>
    inOneRequest(session => {
      session.set('name', 'Ada')
      const copy = session.toObject() as Partial<Data>
      copy.name = 'Eve'
      expect(session.get('name')).toBe('Ada')
      expect(JSON.stringify(session)).toBe('{"name":"Ada"}')
    }))
})

describe('changing', () => {
  it('set keeps a copy: what the program does to its own object afterwards is not kept', async () => {
    const browser = await inOneRequest(session => {
      const cart = ['pen']
      session.set('cart', cart)
      cart.push('ink')
    })
    expect(await browser.see('/see')).toEqual({ cart: ['pen'] })
  })

  it('set refuses what JSON would change, with the path, and keeps nothing of it', async () => {
    const browser = await inOneRequest(session => {
      session.set('name', 'Ada')
      expect(() => session.set('cart', [new Date()] as never)).toThrow(
        /VALUE_INVALID.*cart\[0\] is an instance of Date/,
      )
      expect(() => session.set('name', undefined as never)).toThrow(/VALUE_INVALID.*name is undefined.*delete/)
      expect(() => session.set('__proto__' as never, 1 as never)).toThrow('VALUE_INVALID')
      expect(() => session.set('constructor' as never, { prototype: {} } as never)).toThrow('VALUE_INVALID')
    })
    expect(await browser.see('/see')).toEqual({ name: 'Ada' })
  })

  it('assign sets several keys, or none if one of the values is refused', async () => {
    const browser = await inOneRequest(session => {
      session.assign({ count: 1, name: 'Ada' })
      expect(() => session.assign({ count: 2, name: Number.NaN as never })).toThrow('VALUE_INVALID')
    })
    expect(await browser.see('/see')).toEqual({ count: 1, name: 'Ada' })
  })

  it('update computes from what is there and returns the new value', () =>
    inOneRequest(session => {
      expect(session.update('count', (n = 0) => n + 1)).toBe(1)
      expect(session.update('count', (n = 0) => n + 1)).toBe(2)
      expect(session.update('cart', (cart = []) => [...cart, 'pen'])).toEqual(['pen'])
    }))

  it('an update that throws changes nothing', async () => {
    const browser = await inOneRequest(session => {
      session.set('count', 1)
      const failing = () => {
        throw new Error('no stock')
      }
      expect(() => session.update('count', failing)).toThrow('no stock')
      expect(() => session.update('count', () => Number.NaN)).toThrow('VALUE_INVALID')
    })
    expect(await browser.see('/see')).toEqual({ count: 1 })
  })

  it('take reads once, delete tells whether there was something, clear removes all', () =>
    inOneRequest(session => {
      session.assign({ count: 1, name: 'Ada', theme: 'dark' })
      expect([session.take('name'), session.take('name')]).toEqual(['Ada', undefined])
      expect([session.delete('count'), session.delete('count')]).toEqual([true, false])
      session.clear()
      expect(session.keys()).toEqual([])
    }))

  it('clear keeps the session: the same id, the same user, and an empty record', async () => {
    const seen: unknown[] = []
    const note: Page = async session => {
      const mine = await session()
      seen.push([mine.id, mine.userId, mine.keys()])
    }
    const browser = newBrowser({
      '/login': async session => {
        const mine = await session()
        mine.set('count', 1)
        mine.rotate({ userId: 'ada' })
      },
      '/clear': async session => (await session()).clear(),
      '/note': note,
    })
    for (const path of ['/login', '/note', '/clear', '/note']) await browser.open(path)
    const [[id, user]] = seen as [[string, string]]
    expect(seen).toEqual([
      [id, 'ada', ['count']],
      [id, user, []],
    ])
  })
})

describe('the end of a session and the beginning of another', () => {
  const pages: Record<string, Page> = {
    '/count': async session => (await session()).update('count', (n = 0) => n + 1),
    '/restart': async session => {
      const mine = await session()
      mine.destroy()
      mine.set('name', 'goodbye')
    },
    '/restart-and-fail': async session => {
      const mine = await session()
      mine.destroy()
      mine.set('name', 'goodbye')
      return new Response('broken', { status: 500 })
    },
    '/see': async session => (await session()).toObject(),
  }

  it('what is set after destroy begins another session, under another token', async () => {
    const browser = newBrowser(pages)
    await browser.open('/count')
    const old = browser.copy()
    await browser.open('/restart')
    expect(browser.cookie).not.toBe(old.cookie)
    expect(await browser.see('/see')).toEqual({ name: 'goodbye' })
    expect(await old.see('/see')).toEqual({})
  })

  it('when the answer fails, the old session has ended and no other begins', async () => {
    const browser = newBrowser(pages)
    await browser.open('/count')
    const old = browser.copy()
    await browser.open('/restart-and-fail')
    expect(browser.cookie).toBeUndefined()
    expect(await old.see('/see')).toEqual({})
  })

  it('a session that is destroyed in the request that began it leaves nothing', async () => {
    const store = memoryStore()
    const sessions = createSessions<Data>({ store })
    const browser = new Browser(
      site(sessions, {
        '/both': async session => {
          const mine = await session()
          mine.set('count', 1)
          await mine.commit()
          mine.destroy()
          return mine.id
        },
      }),
    )
    expect(await browser.see('/both')).toBeNull()
    expect(browser.cookie).toBeUndefined()
    expect(await store.deleteExpired(new Date(8.64e15), { limit: 10 })).toBe(0)
  })
})

describe('commit by hand', () => {
  it('holds although the answer has status 5xx, with its cookie; what comes after it does not', async () => {
    const browser = newBrowser({
      '/fail': async session => {
        const mine = await session()
        mine.set('count', 1)
        await mine.commit()
        mine.set('count', 2)
        return new Response('broken', { status: 503 })
      },
      '/see': async session => (await session()).toObject(),
    })
    expect((await browser.open('/fail')).headers.getSetCookie()).toHaveLength(1)
    expect(await browser.see('/see')).toEqual({ count: 1 })
  })

  it('may be called again, and at the same time: each change is saved once, under one cookie', async () => {
    const browser = newBrowser({
      '/often': async session => {
        const mine = await session()
        const increment = () => {
          mine.update('count', (n = 0) => n + 1)
          return mine.commit()
        }
        await increment()
        await Promise.all([increment(), increment(), increment()])
        mine.update('count', (n = 0) => n + 1)
      },
      '/see': async session => (await session()).toObject(),
    })
    expect((await browser.open('/often')).headers.getSetCookie()).toHaveLength(1)
    expect(await browser.see('/see')).toEqual({ count: 5 })
  })

  it('after a rotation, sends one cookie: the last', async () => {
    const browser = newBrowser({
      '/twice': async session => {
        const mine = await session()
        mine.set('count', 1)
        await mine.commit()
        mine.rotate()
        await mine.commit()
        mine.rotate()
      },
      '/see': async session => (await session()).toObject(),
    })
    expect((await browser.open('/twice')).headers.getSetCookie()).toHaveLength(1)
    expect(await browser.see('/see')).toEqual({ count: 1 })
  })

  it('rejects with SESSION_ENDED when the session has ended, and so does every change after that', async () => {
    const slow = gate()
    const codes: unknown[] = []
    const browser = newBrowser({
      '/count': async session => (await session()).update('count', (n = 0) => n + 1),
      '/logout': async session => (await session()).destroy(),
      '/slow': async session => {
        const mine = await session()
        await slow.wait()
        mine.set('count', 5)
        const code = (error: unknown) => codes.push(isKeepsakeError(error) && error.code)
        await mine.commit().catch(code)
        for (const change of [() => mine.set('count', 6), () => mine.rotate(), () => mine.clear()]) {
          try {
            change()
          } catch (error) {
            code(error)
          }
        }
        mine.destroy() // to end what has ended is no mistake
        return new Response('handled')
      },
    })
    await browser.open('/count')
    const late = browser.copy().open('/slow')
    await slow.reached
    await browser.open('/logout')
    slow.open()
    expect([(await late).status, (await late).headers.getSetCookie()]).toEqual([200, []])
    expect(codes).toEqual(['SESSION_ENDED', 'SESSION_ENDED', 'SESSION_ENDED', 'SESSION_ENDED'])
  })
})

describe('what a commit by hand refused', () => {
  it('is not tried again by itself: the program was told, and its own answer goes out', async () => {
    let stock = 1
    const buy = (bought = 0) => {
      if (stock === 0) throw new Error('sold out')
      return bought + 1
    }
    const browser = newBrowser({
      '/buy': async session => {
        const mine = await session()
        mine.update('count', buy)
        stock = 0 // sold to another visitor, while this request asks again on the newer record
        await other.see('/rename')
        const refused = await mine.commit().catch(error => error.message)
        return new Response(refused, { status: 400 })
      },
      '/rename': async session => (await session()).set('name', 'Ada'),
      '/see': async session => (await session()).toObject(),
    })
    await browser.see('/rename')
    const other = browser.copy()
    const response = await browser.open('/buy')
    expect([response.status, await response.text()]).toEqual([400, 'sold out'])
    expect(await browser.see('/see')).toEqual({ name: 'Ada' })
  })

  it('is tried again with what is changed after it', async () => {
    const store = memoryStore()
    const { create } = store
    const sessions = createSessions<Data>({ store })
    const pages: Record<string, Page> = {
      '/twice': async session => {
        const mine = await session()
        mine.set('name', 'Ada')
        store.create = () => Promise.reject(new Error('down'))
        await expect(mine.commit()).rejects.toThrow('STORE_FAILED')
        store.create = create
        mine.set('theme', 'dark')
      },
      '/see': async session => (await session()).toObject(),
    }
    const browser = new Browser(site(sessions, pages))
    await browser.see('/twice')
    expect(await browser.see('/see')).toEqual({ name: 'Ada', theme: 'dark' })
  })
})

describe('setExpiry', () => {
  let now = 0
  const hour = 3_600_000
  const pages: Record<string, Page> = {
    '/2h': async session => {
      const mine = await session()
      mine.set('count', 1)
      mine.setExpiry('2h')
    },
    '/date': async session => (await session()).setExpiry(new Date(now + 5 * hour)),
    '/browser': async session => (await session()).setExpiry('browser'),
    '/default': async session => (await session()).setExpiry('default'),
    '/past': async session => (await session()).setExpiry(new Date(now - 10_000)),
    '/count': async session => (await session()).update('count', (n = 0) => n + 1),
    '/see': async session => (await session()).get('count') ?? null,
  }
  const lineAfter = async (browser: Browser, path: string) => (await browser.open(path)).headers.getSetCookie()[0]

  function browserAtNoon(): Browser {
    now = Date.UTC(2026, 0, 1, 12)
    return newBrowser(pages, { clock: () => now, onEvent: () => {} })
  }

  it('a duration is another idle timeout: it slides with use', async () => {
    const browser = browserAtNoon()
    expect(await lineAfter(browser, '/2h')).toContain('Max-Age=7200;')
    now += hour
    expect(await lineAfter(browser, '/see')).toContain('Max-Age=7200;')
    now += 2 * hour - 1
    expect(await browser.copy().see('/see')).toBe(1)
    const other = browserAtNoon()
    await other.open('/2h')
    now += 2 * hour
    expect(await other.see('/see')).toBeNull()
  })

  it('a duration counts from now, also long after the last renewal', async () => {
    const browser = browserAtNoon()
    await browser.open('/count')
    now += 24 * hour
    await browser.open('/2h')
    now += hour
    expect(await browser.see('/see')).toBe(1)
  })

  it('CVE-2024-35220: a date is the end, whatever the use', async () => {
    const browser = browserAtNoon()
    await browser.open('/count')
    expect(await lineAfter(browser, '/date')).toContain('Max-Age=18000;')
    now += 5 * hour - 1
    expect(await browser.copy().see('/count')).toBe(2)
    now += 1
    expect(await browser.see('/see')).toBeNull()
  })

  it("'browser' makes a cookie without Max-Age; the server keeps its timeout; 'default' goes back", async () => {
    const browser = browserAtNoon()
    await browser.open('/count')
    expect(await lineAfter(browser, '/browser')).not.toContain('Max-Age')
    expect(await lineAfter(browser, '/default')).toContain('Max-Age=1209600;')
    await browser.open('/browser')
    now += 14 * 24 * hour
    expect(await browser.see('/see')).toBeNull()
  })

  it('a date in the past ends the session at once', async () => {
    const browser = browserAtNoon()
    await browser.open('/count')
    const held = browser.copy()
    await browser.open('/past')
    expect(browser.cookie).toBeUndefined()
    expect(await held.see('/see')).toBeNull()
  })

  it('refuses what is neither', () =>
    inOneRequest(session => {
      expect(() => session.setExpiry('soon' as never)).toThrow('DURATION_INVALID')
      expect(() => session.setExpiry(new Date('soon'))).toThrow('DURATION_INVALID')
    }))
})

describe('whose session it is', () => {
  it('changes only together with the token, and only to a user id that is text', async () => {
    const ids: unknown[] = []
    const browser = newBrowser({
      '/login': async session => (await session()).rotate({ userId: 'ada' }),
      '/rotate': async session => (await session()).rotate(),
      '/away': async session => (await session()).rotate({ userId: null }),
      '/who': async session => ids.push([(await session()).userId, browser.token]),
      '/wrong': async session => {
        const mine = await session()
        for (const userId of [7, '', {}, 'x'.repeat(256)])
          expect(() => mine.rotate({ userId: userId as never })).toThrow('VALUE_INVALID')
      },
    })
    for (const path of ['/login', '/who', '/rotate', '/who', '/away', '/who', '/wrong']) await browser.see(path)
    expect(ids).toEqual([
      ['ada', expect.any(String)],
      ['ada', expect.any(String)],
      [null, expect.any(String)],
    ])
    expect(new Set(ids.map(pair => (pair as string[])[1])).size).toBe(3)
  })

  it('comes with what is known of it, which a change of hands forgets and a mere rotation keeps', async () => {
    const facts: unknown[] = []
    const browser = newBrowser({
      '/login': async session => (await session()).rotate({ userId: 'ada', facts: { how: 'password', at: 5 } }),
      '/confirm': async session => {
        const mine = await session()
        mine.rotate({ facts: { ...mine.facts, confirmedAt: 9 } })
      },
      '/rotate': async session => (await session()).rotate(),
      '/other': async session => (await session()).rotate({ userId: 'eve' }),
      '/see': async session => facts.push((await session()).facts),
    })
    for (const path of ['/login', '/see', '/confirm', '/rotate', '/see', '/other', '/see']) await browser.see(path)
    const confirmed = { how: 'password', at: 5, confirmedAt: 9 }
    expect(facts).toEqual([{ how: 'password', at: 5 }, confirmed, {}])
  })

  it('begins the absolute timeout anew when it is given to a user, and at no other rotation', async () => {
    const begun: unknown[] = []
    let now = 0
    const pages: Record<string, Page> = {
      '/count': async session => (await session()).set('count', 1),
      '/login': async session => (await session()).rotate({ userId: 'ada' }),
      '/rotate': async session => (await session()).rotate({ facts: { how: 'code' } }),
      '/begun': async session => begun.push((await session()).createdAt.getTime()),
    }
    const browser = newBrowser(pages, { clock: () => now })
    for (const path of ['/count', '/begun', '/login', '/begun', '/rotate', '/begun']) {
      now += 1000
      await browser.see(path)
    }
    expect(begun).toEqual([1000, 3000, 3000])
  })

  it('program data cannot reach it, whatever the keys are called', async () => {
    const browser = newBrowser({
      '/set': async session => {
        const mine = await session()
        for (const key of ['m', 'user', 'userId', 'meta', 'created']) mine.set(key as never, 'eve' as never)
      },
      '/who': async session => (await session()).userId,
    })
    await browser.open('/set')
    expect(await browser.see('/who')).toBeNull()
  })
})

describe('a schema', () => {
  const schema = z.object({ count: z.number().default(0), name: z.string().optional() })
  const odd = z.looseObject({})

  function twoVersions(): { before: Browser; after: Browser; events: SessionEvent[] } {
    const store = memoryStore()
    const events: SessionEvent[] = []
    const pages = {
      '/old': async (session: Parameters<Page>[0]) => (await session()).set('count', 'three' as never),
      '/good': async (session: Parameters<Page>[0]) => (await session()).set('name', 'Ada'),
      '/bad': async (session: Parameters<Page>[0]) => (await session()).set('name', 5 as never),
      '/see': async (session: Parameters<Page>[0]) => (await session()).toObject(),
    }
    const with_ = (chosen: unknown) =>
      site(createSessions<Data>({ store, schema: chosen as never, onEvent: event => void events.push(event) }), pages)
    return { before: new Browser(with_(odd)), after: new Browser(with_(schema)), events }
  }

  it('reads what was stored through it: defaults and migrations are applied', async () => {
    const { after } = twoVersions()
    await after.open('/good')
    expect(await after.see('/see')).toEqual({ count: 0, name: 'Ada' })
  })

  it('never hands out what does not fit any more: it reads as empty, with one event, and is kept until a write', async () => {
    const { before, after, events } = twoVersions()
    await before.open('/old')
    after.cookie = before.cookie
    expect(await after.see('/see')).toEqual({})
    expect(events.map(({ type }) => type)).toEqual(['schema-mismatch'])
    expect(await before.see('/see')).toEqual({ count: 'three' })
  })

  it('refuses to save what could not be read back, with the path', async () => {
    const { after } = twoVersions()
    expect((await after.open('/bad')).status).toBe(500)
    expect(after.cookie).toBeUndefined()
  })
})

describe('another codec', () => {
  /** As the package devalue is: `stringify` and `parse`, and more types than JSON. Here: only dates. */
  const dates = {
    stringify: (value: unknown) =>
      JSON.stringify(value, function (key) {
        const raw = (this as Record<string, unknown>)[key]
        if (typeof raw === 'function') throw new Error('cannot keep a function')
        return raw instanceof Date ? { $date: raw.getTime() } : raw
      }),
    parse: (text: string): unknown =>
      JSON.parse(text, (_, value) =>
        value && typeof value === 'object' && '$date' in value ? new Date(value.$date) : value,
      ),
  }

  it('keeps what JSON cannot, and refuses at set what it cannot', async () => {
    const browser = newBrowser(
      {
        '/set': async session => {
          const mine = await session()
          mine.set('name', new Date(5) as never)
          expect(() => mine.set('cart', [() => 1] as never)).toThrow('VALUE_INVALID')
        },
        '/see': async session => ((await session()).get('name') as unknown as Date).getTime(),
      },
      { codec: dates },
    )
    await browser.see('/set')
    expect(await browser.see('/see')).toBe(5)
  })
})

describe('a request that no adapter has seen', () => {
  it('is refused, with the line to add', async () => {
    const sessions = createSessions<Data>({ store: memoryStore() })
    await expect(sessions.of(new Request('https://site.example/'))).rejects.toThrow(/REQUEST_UNKNOWN.*withSessions/)
  })
})
