import { randomUUID } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { nodeSessions } from '../../src/adapters/node.ts'
import { cookies } from '../../src/cookies/index.ts'
import { createSessions, type Sessions } from '../../src/index.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { CookieJar } from '../../src/testing/cookie-jar.ts'
import { header } from '../../src/transport/index.ts'
import { describeWhere } from '../services/describe-with-service.ts'
import { listen } from '../support/listen.ts'
import type { Data } from './frameworks.ts'
import { howToGetNginx, startCachingProxy } from './nginx.ts'
import { frameworkNames, OpenSites, plain } from './open-sites.ts'

const sites = new OpenSites()
const closes: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closes.splice(0)) await close()
  await sites.close()
})

/** What a page shows: `/text` whose session it is, `/json` counts a visit, every other page is the same for all. */
async function pageText(request: object, sessions: Sessions<Data>): Promise<string> {
  const { url = '', req, path = url } = request as { url?: string; req?: { path?: string }; path?: string }
  // A Request has a whole URL.
  const asked = new URL(req?.path ?? path, 'http://localhost').pathname
  if (asked !== '/text' && asked !== '/json') return plain()
  const session = await sessions.of(request)
  if (asked === '/json') session.update('visits', (n = 0) => n + 1)
  return `${session.id} ${session.get('visits', 0)}`
}

interface Shown {
  readonly text: string
  /** Whether the proxy had it. */
  readonly cache: string | null
}

/** A site behind the proxy, and a way to come with a browser of one's own. */
async function openBehindProxy(framework: string, sessions?: Sessions<Data>) {
  const site = await sites.open(framework, pageText, sessions && { sessions })
  const proxy = await startCachingProxy(site.port)
  closes.push(proxy.stop)
  const fetchOf = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`http://127.0.0.1:${proxy.port}${path}`, init)
  return {
    fetchOf,
    visitor() {
      const browser = new CookieJar({ fetch: fetchOf })
      return async (path: string): Promise<Shown> => {
        const response = await browser.fetch(path)
        return { text: await response.text(), cache: response.headers.get('X-Cache') }
      }
    },
  }
}

describeWhere('nginx', howToGetNginx, () => {
  it.each(frameworkNames)('never shows one visitor the page of another, in front of %s', async framework => {
    const { visitor } = await openBehindProxy(framework)
    const [ada, bob, nobody, other] = [visitor(), visitor(), visitor(), visitor()]
    // A page that sets a cookie is kept by nobody.
    for (const visit of [ada, ada, bob]) expect((await visit('/json')).cache).toMatch(/MISS|BYPASS/)
    const [adas, bobs, nobodys] = [await ada('/text'), await bob('/text'), await nobody('/text')]
    expect(new Set([adas, bobs, nobodys].map(({ text }) => text)).size).toBe(3)
    expect([adas.cache, bobs.cache, nobodys.cache]).toEqual(['MISS', 'MISS', 'MISS'])
    expect(adas.text).toMatch(/ 2$/)
    // What the cache keeps, it keeps for who sent the same cookies.
    expect(await ada('/text')).toEqual({ text: adas.text, cache: 'HIT' })
    expect(await bob('/text')).toEqual({ text: bobs.text, cache: 'HIT' })
    expect((await other('/text')).text).toBe(nobodys.text)
  })

  it.each(frameworkNames)(
    'keeps pages that do not ask for the session, once for all, in front of %s',
    async framework => {
      const { visitor } = await openBehindProxy(framework)
      const [ada, bob] = [visitor(), visitor()]
      await ada('/json')
      expect((await ada('/stream')).cache).toBe('MISS')
      expect((await ada('/stream')).cache).toBe('HIT')
      expect((await bob('/stream')).cache).toBe('HIT')
    },
  )

  it('never shows one visitor the cookie of another, though the program lets every page be kept (CVE-2014-0473, CVE-2024-26144)', async () => {
    const sessions = createSessions<Data>({ store: memoryStore(), cookie: { secure: false } })
    const handler = nodeSessions(sessions, async (req, res) => {
      res.setHeader('Cache-Control', 'public, max-age=600')
      if (req.url === '/session') (await sessions.of(req)).update('visits', (n = 0) => n + 1)
      if (req.url === '/jar') cookies(req).set('voucher', randomUUID(), { secure: false })
      res.end('page')
    })
    const server = await listen((req, res) => void handler(req, res))
    const proxy = await startCachingProxy(server.port)
    closes.push(proxy.stop, async () => void (await server.close()))
    const visit = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${proxy.port}${path}`)
    for (const path of ['/session', '/jar']) {
      const answers = [await visit(path), await visit(path)]
      expect(answers.map(({ headers }) => headers.get('X-Cache'))).toEqual(['MISS', 'MISS'])
      expect(new Set(answers.flatMap(({ headers }) => headers.getSetCookie())).size).toBe(2)
    }
    expect([await visit('/same'), await visit('/same')].map(({ headers }) => headers.get('X-Cache'))).toEqual([
      'MISS',
      'HIT',
    ])
  })

  it.each(frameworkNames)('keeps clients apart whose session travels in a header, in front of %s', async framework => {
    const sessions = createSessions<Data>({ store: memoryStore(), transport: header('X-Session') })
    const { fetchOf } = await openBehindProxy(framework, sessions)
    const tokens: string[] = []
    for (const _client of ['ada', 'bob']) {
      const response = await fetchOf('/json')
      tokens.push(response.headers.get('X-Session') ?? '')
      expect(response.headers.get('X-Cache')).toBe('MISS')
    }
    const texts: string[] = []
    for (const token of [...tokens, ...tokens]) {
      texts.push(await (await fetchOf('/text', { headers: { 'X-Session': token } })).text())
    }
    expect(new Set(texts).size).toBe(2)
    expect(texts.slice(2)).toEqual(texts.slice(0, 2))
    expect(tokens.every(token => token.length === 43)).toBe(true)
  })
})
