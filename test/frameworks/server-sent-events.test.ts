import type { Server } from 'node:http'
import { PassThrough } from 'node:stream'
import { createAdaptorServer } from '@hono/node-server'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { afterEach, describe, expect, it } from 'vitest'
import { fastifySessions } from '../../src/adapters/fastify.ts'
import { honoSessions } from '../../src/adapters/hono.ts'
import { createSessions, isKeepsakeError, type Sessions } from '../../src/index.ts'
import { Gate } from '../../src/testing/adapter-contract/gate.ts'
import { StoryStore } from '../../src/testing/adapter-contract/story-store.ts'
import { firstBytes } from '../../src/testing/adapter-contract/streaming.ts'
import { CookieJar } from '../../src/testing/cookie-jar.ts'
import { listenOn } from '../support/listen.ts'
import type { Data } from './frameworks.ts'

const closes: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close()
})

/** What a site tells its visitors as it happens, by what sends one event. */
type Events = (request: object, send: (data: string) => unknown) => Promise<void>

/** A site with a page `/events`, and `/visits` that reads. `before` runs before anything is sent. */
interface Site {
  readonly sessions: Sessions<Data>
  readonly before: (request: object) => Promise<unknown>
  readonly events: Events
}

async function visits({ sessions }: Site, request: object): Promise<string> {
  return String((await sessions.of(request)).get('visits', 0))
}

function hono(site: Site): Promise<Server> {
  const app = new Hono()
  app.use(honoSessions(site.sessions))
  app.get('/visits', async c => c.text(await visits(site, c)))
  app.get('/plain', c => c.text('plain'))
  app.get('/events', async c => {
    await site.before(c)
    return streamSSE(c, stream => site.events(c, data => stream.writeSSE({ data })))
  })
  return Promise.resolve(createAdaptorServer(app) as Server)
}

function fastify(hijacked: boolean): (site: Site) => Promise<Server> {
  return async site => {
    const app = Fastify()
    await app.register(fastifySessions, { sessions: site.sessions })
    app.get('/visits', request => visits(site, request))
    app.get('/plain', async () => 'plain')
    app.get('/events', async (request, reply) => {
      await site.before(request)
      const stream = hijacked ? reply.raw : new PassThrough()
      if (hijacked) {
        reply.hijack()
        reply.raw.writeHead(200, { 'Content-Type': 'text/event-stream' })
      }
      site.events(request, data => stream.write(`data: ${data}\n\n`)).finally(() => stream.end())
      return hijacked ? reply : reply.type('text/event-stream').send(stream)
    })
    await app.ready()
    closes.push(() => app.close())
    return app.server
  }
}

const ways = {
  'streamSSE of Hono': hono,
  'a stream of Fastify': fastify(false),
  'a hijacked reply of Fastify': fastify(true),
}

describe('server-sent events', () => {
  it.each(Object.entries(ways))(
    'come after the save, and what they change is saved or throws, with %s',
    async (_way, open) => {
      const [store, gate] = [new StoryStore(), new Gate()]
      const sessions = createSessions<Data>({ store })
      const count = async (request: object): Promise<unknown> =>
        (await sessions.of(request)).update('visits', (n = 0) => n + 1)
      const events: Events = async (request, send) => {
        await send('first')
        await gate.pass()
        await count(request)
        const session = await sessions.of(request)
        try {
          session.rotate({ userId: 'ada' })
        } catch (error) {
          await send(isKeepsakeError(error) ? error.code : 'another error')
        }
      }
      const server = await listenOn(await open({ sessions, before: count, events }))
      closes.push(() => server.close())
      const browser = new CookieJar({ fetch: server.fetch })
      const saving = store.holdBack('create')
      const order: string[] = []
      const answer = browser.fetch('/events').then(response => {
        order.push('answered')
        return response
      })
      await saving.arrived
      for (let times = 0; times < 3; times++) await (await server.fetch('/plain')).text()
      order.push('saved')
      saving.open()
      const response = await answer
      expect(order).toEqual(['saved', 'answered'])
      expect(response.headers.get('Content-Type')).toBe('text/event-stream')
      expect(response.headers.getSetCookie()).toHaveLength(1)
      const stream = await firstBytes(response)
      gate.open()
      expect(await stream.rest()).toContain('data: HEADERS_SENT')
      expect(await (await browser.fetch('/visits')).text()).toBe('2')
    },
  )
})
