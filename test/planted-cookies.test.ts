import { beforeEach, describe, expect, it } from 'vitest'
import { withSessions } from '../src/adapters/fetch.ts'
import { encryptedCookie } from '../src/engines/encrypted-cookie.ts'
import { createSessions, type SessionEvent, type Sessions } from '../src/index.ts'
import { memoryStore } from '../src/stores/memory.ts'
import { bearer } from '../src/transport/index.ts'
import type { Data } from './support/site.ts'
import { watched } from './support/watched-store.ts'

const secret = 'Nf0tN7mZ1xqzWqCkzjYxQ2c0u1n3vLhM8JrGdPpTwSE'
const domain = 'example.com'
const garbage = ['x', 'A'.repeat(43), '"quoted"', '', '%00', 'Cj0KCQiA', '~2.x', 'é']

let now: number
let events: SessionEvent[]
let watch: ReturnType<typeof watched>

beforeEach(() => {
  now = Date.UTC(2026, 0, 1)
  events = []
  watch = watched(memoryStore())
})

const clock = (): number => now
const onEvent = (event: SessionEvent): void => void events.push(event)

/** A site that shares its session with its subdomains, each of which may so plant a cookie of the same name. */
const shared = (): Sessions<Data> =>
  createSessions<Data>({ store: watch.store, cookie: { name: 'sid', domain }, clock, onEvent })
const ownHost = (): Sessions<Data> =>
  createSessions<Data>({ store: watch.store, cookie: { name: '__Host-sid' }, clock, onEvent })

async function visit(sessions: Sessions<Data>, path: string, cookie = '', more = {}): Promise<Response> {
  const answer = withSessions(sessions, async request => {
    const session = await sessions.of(request)
    if (path === '/read') return new Response(String(session.get('count') ?? session.get('theme')?.length ?? 'nobody'))
    if (path === '/logout') session.destroy()
    else if (path === '/long') session.set('theme', 'x'.repeat(4000))
    else session.set('count', Number(path.slice(1)))
    return new Response('')
  })
  const headers = { ...(cookie !== '' && { cookie }), ...more }
  return answer(new Request(`https://site.example${path}`, { headers }))
}

/** A new visitor's `Cookie` header, after this page. */
async function visitor(sessions: Sessions<Data>, page: number | string): Promise<string> {
  const answer = await visit(sessions, `/${page}`)
  const pairs = answer.headers.getSetCookie().map(line => line.split(';', 1)[0] ?? '')
  return pairs.join('; ')
}

const seen = async (sessions: Sessions<Data>, cookie: string): Promise<string> =>
  (await visit(sessions, '/read', cookie)).text()

/** Both orders: which cookie a browser sends first is in the planter's hand. */
const both = (one: string, other: string): string[] => [`${one}; ${other}`, `${other}; ${one}`]

describe('of several cookies of the session’s name', () => {
  it('equal ones are one', async () => {
    for (const sessions of [shared(), ownHost()]) {
      const ada = await visitor(sessions, 1)
      expect(await seen(sessions, `${ada}; ${ada}`)).toBe('1')
    }
    expect(events).toEqual([])
  })

  it('the one that leads to a session counts, in whichever order, and an event tells', async () => {
    const ada = await visitor(shared(), 1)
    for (const value of garbage) {
      for (const header of both(ada, `sid=${value}`)) {
        events = []
        expect([value, await seen(shared(), header)]).toEqual([value, '1'])
        expect(events).toEqual([{ type: 'cookie-duplicate', count: 2 }])
      }
    }
  })

  it('one whose session is over counts for nothing: who changes the cookie’s domain locks nobody out', async () => {
    const old = await visitor(shared(), 1)
    await visit(shared(), '/logout', old)
    const expired = await visitor(shared(), 2)
    now += 15 * 24 * 3_600_000
    const ada = await visitor(shared(), 3)
    for (const header of both(ada, `${old}; ${expired}`)) expect(await seen(shared(), header)).toBe('3')
  })

  it('two that lead to sessions are nobody’s, and neither session is touched', async () => {
    const [ada, eve] = [await visitor(shared(), 1), await visitor(shared(), 2)]
    for (const header of both(ada, eve)) {
      const answer = await visit(shared(), '/read', header)
      expect([await answer.text(), answer.headers.getSetCookie()]).toEqual(['nobody', []])
      await visit(shared(), '/logout', header)
    }
    expect(events).toEqual(Array.from({ length: 4 }, () => ({ type: 'cookie-duplicate', count: 2 })))
    expect([await seen(shared(), ada), await seen(shared(), eve)]).toEqual(['1', '2'])
  })

  it('more than eight different ones are nobody’s, and cost no call of the store', async () => {
    const ada = await visitor(shared(), 1)
    watch.calls.length = 0
    const others = Array.from({ length: 8 }, (_, i) => `sid=${String(i).repeat(42)}A`).join('; ')
    expect(await seen(shared(), `${ada}; ${others}`)).toBe('nobody')
    expect([events, watch.calls]).toEqual([[{ type: 'cookie-duplicate', count: 9 }], []])
  })

  it('none counts where the name begins with __Host-, of which browsers send one', async () => {
    const ada = await visitor(ownHost(), 1)
    watch.calls.length = 0
    for (const header of both(ada, '__Host-sid=x')) expect(await seen(ownHost(), header)).toBe('nobody')
    expect([events.map(({ type }) => type), watch.calls]).toEqual([['cookie-duplicate', 'cookie-duplicate'], []])
  })

  it('the one whose seal holds counts, also in several parts', async () => {
    const sessions = createSessions<Data>({
      engine: encryptedCookie({ secrets: secret }),
      ...{ cookie: { name: 'sid', domain }, clock, onEvent },
    })
    const ada = await visitor(sessions, 1)
    for (const header of both(ada, 'sid=x')) expect(await seen(sessions, header)).toBe('1')
    const long = await visitor(sessions, 'long')
    expect(long).toMatch(/^sid=~2\..*; sid\.1=/)
    for (const header of both(long, 'sid=x')) expect(await seen(sessions, header)).toBe('4000')
    for (const header of both(ada, long)) expect(await seen(sessions, header)).toBe('nobody')
  })

  it('none counts where the token may come in a header too: a script that asks for one does not get the cookie’s', async () => {
    const sessions = createSessions<Data>({
      store: watch.store,
      transport: ['cookie', bearer()],
      ...{ cookie: { name: 'sid', domain }, clock, onEvent },
    })
    const ada = await visitor(sessions, 1)
    const answer = await visit(sessions, '/2', ada, { authorization: 'Bearer none' })
    expect(answer.headers.get('Session-Token')).not.toBe(ada.slice('sid='.length))
    expect(await seen(sessions, `${ada}; sid=x`)).toBe('nobody')
  })

  it('are as those of a list with the cookie alone', async () => {
    const sessions = createSessions<Data>({
      store: watch.store,
      transport: ['cookie'],
      ...{ cookie: { name: 'sid', domain }, clock, onEvent },
    })
    const ada = await visitor(sessions, 1)
    expect(await seen(sessions, `sid=x; ${ada}`)).toBe('1')
  })

  it('a store that is down is no anonymous visitor', async () => {
    const ada = await visitor(shared(), 1)
    watch.mode = 'down'
    expect((await visit(shared(), '/read', `${ada}; sid=${'A'.repeat(43)}`)).status).toBe(503)
  })
})
