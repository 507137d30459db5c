import { describe, expect, it } from 'vitest'
import { cookies } from '../cookies/cookies.ts'
import type { Jar } from '../cookies/jar.ts'
import { createSessions } from '../create-sessions.ts'
import type { Session } from '../session/session.ts'
import { memoryStore } from '../stores/memory.ts'
import { Gate } from '../testing/adapter-contract/gate.ts'
import { header } from '../transport/index.ts'
import { type NextRequestApi, nextSessions } from './next.ts'
import type { NextCookies } from './next-exchange.ts'

interface Visitor {
  visits: number
}

type MemoryStore = ReturnType<typeof memoryStore>
type SetCookie = Parameters<NonNullable<NextCookies['set']>>[0]

/** What `next/headers` gives within one request: a jar that knows what was sent, and what is to be set. */
function request(sent: Record<string, string> = {}): NextRequestApi & { readonly set: SetCookie[] } {
  const set: SetCookie[] = []
  const jar = {
    getAll: () => Object.entries(sent).map(([name, value]) => ({ name, value })),
    set: (cookie: SetCookie) => {
      set.push(cookie)
      sent[cookie.name] = cookie.value
    },
  }
  return { set, cookies: async () => jar, headers: async () => new Headers() }
}

/** As Next's `redirect('/')` does. */
function redirect(): never {
  throw Object.assign(new Error('NEXT_REDIRECT'), { digest: 'NEXT_REDIRECT;push;/;307;' })
}

function site(store: MemoryStore = memoryStore()) {
  const sessions = createSessions<Visitor>({ store })
  const on = (next: NextRequestApi) => nextSessions(sessions, next)
  const visitor = async (): Promise<{ '__Host-session': string }> => {
    const first = request()
    await on(first).withSession(session => session.set('visits', 1))
    return { '__Host-session': first.set[0]?.value ?? '' }
  }
  const visits = async (sent: Record<string, string>): Promise<number> =>
    (await on(request({ ...sent })).readSession()).get('visits', 0)
  return { sessions, on, visitor, visits }
}

const count = (n = 0): number => n + 1

describe('a server action of Next', () => {
  it('has saved, and set the cookie, when it returns', async () => {
    const { on, visits } = site()
    const next = request()
    expect(await on(next).withSession(session => session.update('visits', count))).toBe(1)
    const { name, value, ...attributes } = next.set[0] ?? { name: '', value: '' }
    expect(attributes).toEqual({ path: '/', httpOnly: true, secure: true, sameSite: 'lax', maxAge: 1_209_600 })
    expect(await visits({ [name]: value })).toBe(1)
  })

  it('that changes nothing sets no cookie', async () => {
    const next = request()
    await site()
      .on(next)
      .withSession(session => session.get('visits'))
    expect(next.set).toEqual([])
  })

  it('that redirects is saved', async () => {
    const { on, visitor, visits } = site()
    const sent = await visitor()
    const redirecting = on(request({ ...sent })).withSession(session => {
      session.update('visits', count)
      redirect()
    })
    await expect(redirecting).rejects.toThrow('NEXT_REDIRECT')
    expect(await visits(sent)).toBe(2)
  })

  it('that fails is not saved, but a logout holds', async () => {
    const { on, visitor, visits } = site()
    const sent = await visitor()
    const fail = (work: 'update' | 'destroy') =>
      on(request({ ...sent })).withSession(session => {
        if (work === 'update') session.update('visits', count)
        else session.destroy()
        throw new Error('the program failed')
      })
    await expect(fail('update')).rejects.toThrow('the program failed')
    expect(await visits(sent)).toBe(1)
    await expect(fail('destroy')).rejects.toThrow('the program failed')
    expect(await visits(sent)).toBe(0)
  })

  it('shares its session with what it calls, and is saved once, at its end', async () => {
    const { on, visits } = site()
    const next = request()
    const { withSession } = on(next)
    await withSession(async outer => {
      await withSession(inner => inner.update('visits', count))
      outer.update('visits', count)
    })
    expect(next.set).toHaveLength(1)
    expect(await visits({ '__Host-session': next.set[0]?.value ?? '' })).toBe(2)
  })

  it('has saved when it returns also beside another in the same request', async () => {
    for (const end of [() => undefined, redirect]) {
      const { on, visitor, visits } = site()
      const sent = await visitor()
      const { withSession } = on(request({ ...sent }))
      const first = new Gate()
      const saved: number[] = []
      const one = withSession(session => {
        session.update('visits', count)
        return first.pass()
      })
      const two = withSession(session => {
        session.update('visits', count)
        end()
      })
      await two.catch(() => undefined)
      saved.push(await visits(sent))
      first.open()
      await one
      await withSession(session => session.update('visits', count))
      saved.push(await visits(sent))
      expect(saved).toEqual([3, 4])
    }
  })

  it('that comes too late for its cookie gets an error at the call', async () => {
    const { withSession } = site().on(request())
    const gate = new Gate()
    const first = withSession(session => session.get('visits'))
    const late = withSession(async session => {
      await gate.pass()
      session.set('visits', 1)
    })
    await first
    gate.open()
    await expect(late).rejects.toThrow('HEADERS_SENT')
  })

  it('gets an error where the token travels in a header, which only a route handler can set', async () => {
    const sessions = createSessions<Visitor>({ store: memoryStore(), transport: header('X-Session') })
    const { withSession } = nextSessions(sessions, request())
    await expect(withSession(session => session.set('visits', 1))).rejects.toThrow(/HEADERS_SENT.*X-Session/)
    const response = await withSession(session => {
      session.set('visits', 1)
      return new Response()
    })
    expect(response.headers.get('X-Session')).toHaveLength(43)
  })

  it('leaves to the page that answers it what it saved', async () => {
    const { on } = site()
    const { withSession, readSession } = on(request())
    await withSession(session => session.update('visits', count))
    await withSession(session => session.update('visits', count))
    expect((await readSession()).get('visits')).toBe(2)
  })

  it('gives an error and no cookie when the store cannot save', async () => {
    const store = memoryStore()
    const { on } = site({ ...store, create: () => Promise.reject(new Error('disk full')) })
    const next = request()
    const saving = on(next).withSession(session => session.update('visits', count))
    await expect(saving).rejects.toMatchObject({ code: 'STORE_FAILED', status: 503 })
    expect(next.set).toEqual([])
  })

  it('sees other cookies in the spelling that a cookie can have', async () => {
    // Next decodes what was sent.
    const next = request({ theme: 'dark; blue', list: 'a:b/c=d', off: '50% off' })
    await site()
      .on(next)
      .withSession((_, request) => {
        const jar = cookies(request)
        expect([...jar.all().values()]).toEqual(['dark%3B%20blue', 'a:b/c=d', '50%25%20off'])
      })
  })

  it('reads back what it set, whatever the value: Next encodes it on its way, and decodes it', async () => {
    const values = ['100%', '%41', '%3b', '%3B', '%', '%25', 'a:b/c=d', encodeURIComponent('Zoë; 50 %'), '{1}', '']
    const sent: Record<string, string> = {}
    const inRequest = (use: (jar: Jar) => void): Promise<void> =>
      site()
        .on(request(sent))
        .withSession((_, request) => use(cookies(request)))
    await inRequest(jar => values.forEach((value, i) => void jar.set(`c${i}`, value)))
    await inRequest(jar => expect(values.map((_, i) => jar.get(`c${i}`))).toEqual(values))
  })
})

describe('a route handler of Next', () => {
  it('gets the headers that keep caches away', async () => {
    const { on } = site()
    // Its headers cannot be changed.
    const redirecting = Response.redirect('https://site.example/')
    const response = await on(request()).withSession(session => {
      session.update('visits', count)
      return redirecting
    })
    expect(Object.fromEntries(response.headers)).toEqual({
      'cache-control': 'private, no-store',
      location: 'https://site.example/',
      vary: 'Cookie',
    })
  })

  it('that answers with 500 is not saved', async () => {
    const next = request()
    await site()
      .on(next)
      .withSession(session => {
        session.update('visits', count)
        return new Response(null, { status: 500 })
      })
    expect(next.set).toEqual([])
  })
})

describe('a server component of Next', () => {
  it('reads the session once, whatever number of components ask', async () => {
    const store = memoryStore()
    let reads = 0
    const read: MemoryStore['read'] = id => {
      reads++
      return store.read(id)
    }
    const { on, visitor } = site({ ...store, read })
    const { readSession } = on(request(await visitor()))
    const [one, other] = await Promise.all([readSession(), readSession()])
    expect(one.get('visits')).toBe(1)
    expect(other).toBe(one)
    expect(reads).toBe(1)
  })

  it('that changes the session in spite of its type gets an error', async () => {
    const { on, visitor, visits } = site()
    const sent = await visitor()
    for (const cookie of [{}, sent]) {
      const session = (await on(request({ ...cookie })).readSession()) as Session<Visitor>
      expect(() => session.set('visits', 9)).toThrow('HEADERS_SENT')
    }
    expect(await visits(sent)).toBe(1)
  })
})
