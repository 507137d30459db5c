import { randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { listen } from '../../test/support/listen.ts'
import { Browser, type Data, type Page, site } from '../../test/support/site.ts'
import { nodeSessions } from '../adapters/node.ts'
import { createSessions } from '../create-sessions.ts'
import { signedCookie } from '../engines/signed-cookie.ts'
import type { Sessions } from '../session/sessions.ts'
import { memoryStore } from '../stores/memory.ts'
import type { SessionStore } from '../stores/store.ts'
import { atOnce, promising } from './at-once.ts'
import { Deadline } from './deadline.ts'

type Read = ReturnType<typeof memoryStore>['read']

describe('a function that can answer in the same turn', () => {
  const half = promising<(number: number) => Promise<number>>(number => {
    if (number % 2 === 1) throw new Error('odd')
    return number / 2
  })

  it('promises whoever does not know of that, and never throws', async () => {
    expect(half(8)).toBeInstanceOf(Promise)
    expect(await half(8)).toBe(4)
    await expect(half(7)).rejects.toThrow('odd')
  })

  it('answers whoever does', () => {
    expect(atOnce(half)(8)).toBe(4)
  })

  it('fails there as a store that cannot tell', async () => {
    const failing = new Deadline(1000).within(() => atOnce(half)(7))
    await expect(failing).rejects.toMatchObject({ code: 'STORE_FAILED', status: 503 })
  })

  it('is, of one that cannot, the function itself', () => {
    const later = async (number: number): Promise<number> => number
    expect(atOnce(later)).toBe(later)
  })
})

describe('a program that puts something around memoryStore', () => {
  it.each<[string, (read: Read) => Read]>([
    ['a Proxy, as tracers and node:test do', read => new Proxy(read, {})],
    ['a copy of all that is on it, as vitest does', read => Object.assign(((id: string) => read(id)) as Read, read)],
    ['a spy of vitest', read => vi.spyOn({ read }, 'read') as unknown as Read],
    ['a bound function', read => read.bind(null)],
  ])('is asked through %s', (_, around) => {
    const read = around(memoryStore().read)
    expect(atOnce(read)).toBe(read)
  })

  it('sees each call, though what is around promises', async () => {
    const inner = memoryStore()
    const seen: string[] = []
    const read: typeof inner.read = id => {
      seen.push(id)
      return inner.read(id)
    }
    const browser = visitorOf({ ...inner, read })
    expect([await browser.see('/count'), await browser.see('/count')]).toEqual([1, 2])
    expect(seen).toHaveLength(1)
  })

  it('sees each call also if it takes the place of another later', async () => {
    const store = memoryStore()
    const browser = visitorOf(store)
    await browser.open('/count')
    store.read = () => Promise.reject(new Error('broken'))
    await expect(browser.see('/count')).rejects.toThrow('503')
  })
})

describe('an answer whose session is new', () => {
  const memory = memoryStore()
  const promises = { ...memory, create: memory.create.bind(memory) }
  const secrets = randomBytes(32).toString('base64url')
  it.each<[string, boolean, () => Sessions<Data>]>([
    ['leaves in the turn in which memoryStore saves it', true, () => createSessions({ store: memory })],
    [
      'leaves in the turn in which its cookie is made',
      true,
      () => createSessions({ engine: signedCookie({ secrets }) }),
    ],
    ['is held back until another store has saved it', false, () => createSessions({ store: promises })],
  ])('%s', async (_, isThere, make) => {
    const sessions = make()
    const seen: boolean[] = []
    const served = await listen(
      nodeSessions(sessions, async (req, res) => {
        const session = await sessions.of(req)
        session.set('count', 1)
        res.end('counted')
        seen.push(res.hasHeader('Set-Cookie'))
      }),
    )
    const answer = await served.fetch('/')
    expect([await answer.text(), answer.headers.getSetCookie().length, seen]).toEqual(['counted', 1, [isThere]])
    await served.close()
  })
})

/** A browser on a site that counts its visits. */
function visitorOf(store: SessionStore): Browser {
  const count: Page = async session => (await session()).update('count', (n = 0) => n + 1)
  return new Browser(site(createSessions<Data>({ store }), { '/count': count }))
}
