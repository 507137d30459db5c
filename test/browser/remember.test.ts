import type { ServerResponse } from 'node:http'
import express from 'express'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { expressSessions } from '../../src/adapters/express.ts'
import type { AuthEvent } from '../../src/auth/auth-events.ts'
import { createAuth } from '../../src/auth/create-auth.ts'
import { argon2id } from '../../src/auth/passwords/formats/argon2.ts'
import { memoryUsers } from '../../src/auth/users/memory-users.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { type FakeClock, fakeClock } from '../../src/testing/fake-clock.ts'
import { type Listening, listen } from '../support/listen.ts'
import { gate } from '../support/site.ts'
import { executablePath, launch } from './chromium.ts'

const password = 'correct horse battery staple'

/** A site whose clock the test moves, with a page that answers when the test says so. */
interface RememberingSite {
  readonly url: string
  readonly server: Listening
  readonly clock: FakeClock
  readonly slow: ReturnType<typeof gate>
  readonly events: AuthEvent[]
}

async function open(): Promise<RememberingSite> {
  // Browsers keep cookies by their own clock: this one starts at the same time, and only goes on by minutes.
  const clock = fakeClock(new Date())
  const slow = gate()
  const events: AuthEvent[] = []
  const store = memoryStore()
  const sessions = createSessions<{ count: number }>({ store, clock, cookie: { secure: false }, idleTimeout: '1m' })
  const auth = createAuth({
    ...{ sessions, clock, users: memoryUsers(), secure: false, remember: { store } },
    secrets: 'p7Qm0Zt1Yx8Rk3Vw5Ns2Jb6Lc9Hd4Gf0',
    passwords: { hasher: argon2id({ memory: 64, passes: 1, weak: true }) },
    onEvent: event => void events.push(event),
  })
  const { user } = await auth.users.create({ username: 'ada', password })
  const app = express()
  app.use(expressSessions(sessions))
  const show = async (req: express.Request, res: ServerResponse): Promise<void> => {
    const found = await auth.user(req)
    res.setHeader('Content-Type', 'text/html')
    res.end(`<h1>${found?.username ?? 'nobody'}</h1>`)
  }
  app.get('/login', async (req, res) => {
    if (user) await auth.login(req, user, { remember: true })
    await show(req, res)
  })
  app.get('/slow', async (req, res) => {
    await auth.user(req)
    await slow.wait()
    await show(req, res)
  })
  app.get('/late', async (req, res) => {
    await slow.wait()
    await show(req, res)
  })
  app.get('/step-up', async (req, res) => {
    ;(await sessions.of(req)).set('count', 7)
    await auth.elevate(req, { password })
    await show(req, res)
  })
  app.get('/fresh', async (req, res) => {
    await auth.requireFresh(req)
    res.send(`<h1>${(await sessions.of(req)).get('count')}</h1>`)
  })
  app.get('/', show)
  const server = await listen(app)
  return { url: `http://localhost:${server.port}`, server, clock, slow, events }
}

describe.skipIf(!executablePath)(
  'a remembered browser (chromium: apt-get install -y chromium)',
  { timeout: 60_000 },
  () => {
    let browser: Browser
    let context: BrowserContext
    let site: RememberingSite

    beforeAll(async () => {
      browser = await launch()
    }, 60_000)
    afterAll(() => browser?.close())

    beforeEach(async () => {
      site = await open()
      context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(`${site.url}/login`)
    })
    afterEach(async () => {
      await context.close()
      await site.server.close()
    })

    const remembered = async (): Promise<string | undefined> =>
      (await context.cookies()).find(({ name }) => name === 'remember')?.value

    async function seen(path = '/'): Promise<string | null> {
      const page = await context.newPage()
      await page.goto(site.url + path)
      return page.textContent('h1')
    }

    /** The session is over, and the cookie that remembers the browser is due to be replaced. */
    function later(): void {
      site.clock.advance('2m')
    }

    it('R5: with two tabs that are restored some seconds apart is logged in in both, and stays so', async () => {
      later()
      expect(await seen()).toBe('ada')
      site.clock.advance('5s')
      await context.clearCookies({ name: 'session' })
      expect(await seen()).toBe('ada')
      later()
      expect(await seen()).toBe('ada')
      expect(site.events.filter(({ type }) => type === 'remember-theft')).toEqual([])
    })

    it('holds a good cookie when the answer that brings it takes its time', async () => {
      later()
      const first = await remembered()
      const slow = seen('/slow')
      await site.slow.reached
      // The slow request has replaced the cookie, but the browser does not have the new one yet.
      site.clock.advance('5s')
      expect(await seen()).toBe('ada')
      site.clock.advance('15s')
      site.slow.open()
      expect(await slow).toBe('ada')
      expect(await remembered()).not.toBe(first)
      for (let i = 0; i < 3; i++) {
        later()
        expect(await seen()).toBe('ada')
      }
      expect(site.events.filter(({ type }) => type === 'remember-theft')).toEqual([])
    })

    it('R5: holds a good cookie when a slow answer brings an older one over a newer', async () => {
      later()
      const slow = seen('/slow')
      await site.slow.reached
      later()
      expect(await seen()).toBe('ada')
      const newer = await remembered()
      site.slow.open()
      expect(await slow).toBe('ada')
      expect(await remembered()).not.toBe(newer)
      for (let i = 0; i < 3; i++) {
        later()
        expect(await seen()).toBe('ada')
      }
      expect(site.events.filter(({ type }) => type === 'remember-theft')).toEqual([])
    })

    it('R5: keeps its session, and what was proved in it, when a late answer to the token of before comes after', async () => {
      const late = seen('/late')
      await site.slow.reached
      expect(await seen('/step-up')).toBe('ada')
      site.slow.open()
      expect(await late).toBe('ada')
      expect(await seen('/fresh')).toBe('7')
    })

    it('is logged in by no copy of a cookie that was replaced long ago, and neither is the thief', async () => {
      const stolen = await remembered()
      later()
      expect(await seen()).toBe('ada')
      later()
      expect(await seen()).toBe('ada')
      const thief = await browser.newContext()
      await thief.addCookies([{ name: 'remember', value: stolen ?? '', url: site.url }])
      const page = await thief.newPage()
      await page.goto(site.url)
      expect(await page.textContent('h1')).toBe('nobody')
      await thief.close()
      later()
      expect(await seen()).toBe('nobody')
      expect(site.events.map(({ type }) => type)).toContain('remember-theft')
    })
  },
)
