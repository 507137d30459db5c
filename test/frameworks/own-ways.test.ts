import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import Koa from 'koa'
import { afterEach, describe, expect, it } from 'vitest'
import { fastifySessions } from '../../src/adapters/fastify.ts'
import { honoSessions } from '../../src/adapters/hono.ts'
import { koaSessions } from '../../src/adapters/koa.ts'
import { cookies } from '../../src/cookies/index.ts'
import { createSessions, isKeepsakeError } from '../../src/index.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { StoryStore } from '../../src/testing/adapter-contract/story-store.ts'
import { CookieJar } from '../../src/testing/cookie-jar.ts'
import { listen } from '../support/listen.ts'
import type { Data } from './frameworks.ts'

const closes: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closes.splice(0)) await close()
})

function makeSessions() {
  const store = new StoryStore()
  return { store, sessions: createSessions<Data>({ store }) }
}

describe('fastifySessions', () => {
  async function site(
    build: (fastify: FastifyInstance, sessions: ReturnType<typeof makeSessions>['sessions']) => void,
  ) {
    const { store, sessions } = makeSessions()
    const fastify = Fastify({ trustProxy: true })
    await fastify.register(fastifySessions, { sessions })
    build(fastify, sessions)
    await fastify.listen({ port: 0, host: '127.0.0.1' })
    closes.push(() => fastify.close())
    return { store, fastify, url: fastify.listeningOrigin }
  }

  it('takes Fastify’s request or Node’s for the same one, also in a plugin', async () => {
    const { url } = await site((fastify, sessions) => {
      fastify.register(async shop => {
        shop.get('/shop', async request => {
          cookies(request).set('theme', 'dark')
          return (await sessions.of(request)) === (await sessions.of(request.raw))
        })
      })
    })
    const response = await fetch(`${url}/shop`)
    expect(await response.text()).toBe('true')
    expect(response.headers.getSetCookie().join()).toMatch(/^theme=dark/)
  })

  it.each([
    { kind: 'answers at once', store: memoryStore(), kept: ['__Host-session', 'theme'] },
    // What is dropped once the program has gone on is dropped with its own cookies.
    { kind: 'takes time', store: new StoryStore(), kept: ['__Host-session'] },
  ])('answers for a head that Node refuses when it is made, with a store that $kind', async ({ store, kept }) => {
    const sessions = createSessions<Data>({ store })
    const fastify = Fastify()
    await fastify.register(fastifySessions, { sessions })
    fastify.get('/', async (request, reply) => {
      ;(await sessions.of(request)).set('visits', 1)
      cookies(request).set('theme', 'dark')
      reply.raw.setHeader('X-Own', 'own')
      reply.header('Trailer', 'X-Sum')
      return 'page'
    })
    await fastify.listen({ port: 0, host: '127.0.0.1' })
    closes.push(() => fastify.close())
    const response = await fetch(fastify.listeningOrigin)
    const names = response.headers.getSetCookie().map(line => line.slice(0, line.indexOf('=')))
    expect([response.status, names.sort()]).toEqual([500, kept])
  })

  it('gives an error of the save to the error handler, without what described the dropped answer', async () => {
    const { store, url } = await site((fastify, sessions) => {
      fastify.setErrorHandler((error, _request, reply) => {
        reply.code(isKeepsakeError(error) ? error.status : 500).send('come back later')
      })
      fastify.get('/', async (request, reply) => {
        const session = await sessions.of(request)
        session.set('visits', 1)
        return reply
          .header('ETag', '"1"')
          .header('Content-Disposition', 'attachment')
          .header('X-Own', 'own')
          .send('saved')
      })
    })
    store.breakDown('create')
    const response = await fetch(url)
    expect([response.status, await response.text()]).toEqual([503, 'come back later'])
    const { headers } = response
    expect([headers.get('ETag'), headers.get('Content-Disposition'), headers.get('X-Own')]).toEqual([null, null, 'own'])
  })

  it.each([
    { how: 'throws', refuse: () => Promise.reject(Object.assign(new Error('who are you?'), { statusCode: 401 })) },
    { how: 'sends it', refuse: (reply: FastifyReply) => reply.code(401).send(new Error('who are you?')) },
  ])(
    'answers with the error of the save where the program answers with one of its own and $how',
    async ({ refuse }) => {
      const { store, url } = await site((fastify, sessions) => {
        fastify.get('/', async (request, reply) => {
          ;(await sessions.of(request)).set('visits', 1)
          return refuse(reply)
        })
      })
      store.breakDown('create')
      const response = await fetch(url)
      expect([response.status, await response.json()]).toMatchObject([500, { statusCode: 500, code: 'STORE_FAILED' }])
    },
  )

  it('saves before a hijacked reply, and answers for it when it cannot', async () => {
    const { store, url } = await site((fastify, sessions) => {
      fastify.get('/', async (request, reply) => {
        const session = await sessions.of(request)
        session.set('visits', 1)
        reply.hijack()
        reply.raw.end('mine')
      })
    })
    const response = await fetch(url)
    expect([await response.text(), response.headers.getSetCookie().length]).toEqual(['mine', 1])
    store.breakDown('create')
    expect((await fetch(url)).status).toBe(503)
  })

  it('runs no handler behind a hook that has refused', async () => {
    let deleted = 0
    const { url } = await site((fastify, sessions) => {
      const refuse = async (request: FastifyRequest, reply: FastifyReply) => {
        ;(await sessions.of(request)).update('visits', (n = 0) => n + 1)
        reply.code(401).send('who are you?')
      }
      fastify.get('/', { preHandler: refuse }, async () => `deleted ${++deleted}`)
    })
    const response = await fetch(url)
    expect([response.status, await response.text(), deleted]).toEqual([401, 'who are you?', 0])
    expect(response.headers.getSetCookie().length).toBe(1)
  })

  it('runs no handler behind a hook that has refused, while an error handler answers for a save that failed', async () => {
    let deleted = 0
    const answering = Promise.withResolvers<void>()
    const hookLeft = Promise.withResolvers<void>()
    const { url, store } = await site((fastify, sessions) => {
      fastify.setErrorHandler(async (error: FastifyError, _, reply) => {
        answering.resolve()
        await hookLeft.promise
        return reply.code(error.statusCode ?? 500).send(error.code)
      })
      const refuse = async (request: FastifyRequest, reply: FastifyReply) => {
        ;(await sessions.of(request)).update('visits', (n = 0) => n + 1)
        reply.code(401).send('who are you?')
        await answering.promise
        setImmediate(hookLeft.resolve)
      }
      fastify.get('/', { preHandler: refuse }, async () => `deleted ${++deleted}`)
    })
    store.breakDown('create')
    const response = await fetch(url)
    expect([response.status, await response.text(), deleted]).toEqual([503, 'STORE_FAILED', 0])
  })

  it('answers once where the program answers twice, as without sessions', async () => {
    const { url } = await site((fastify, sessions) => {
      fastify.get('/:way', async (request, reply) => {
        const { way } = request.params as { way: string }
        if (request.headers.cookie !== 'plain') (await sessions.of(request)).update('visits', (n = 0) => n + 1)
        if (way === 'own') reply.raw.end('first')
        else if (way === 'redirect') reply.redirect('/elsewhere')
        else reply.send('first')
        if (way === 'throws') throw new Error('the program failed')
        return 'second'
      })
    })
    for (const way of ['own', 'redirect', 'send', 'throws']) {
      const [plain, saved] = await Promise.all(
        ['plain', ''].map(async cookie => {
          const response = await fetch(`${url}/${way}`, { headers: { cookie }, redirect: 'manual' })
          return [way, response.status, await response.text()]
        }),
      )
      expect(saved).toEqual(plain)
    }
  })

  it('works where no server listens: fastify.inject', async () => {
    const { fastify } = await site((app, sessions) => {
      app.get('/', async request => (await sessions.of(request)).update('visits', (n = 0) => n + 1))
    })
    const { body, headers } = await fastify.inject('/')
    expect([body, String(headers['set-cookie'])]).toEqual(['1', expect.stringMatching(/^__Host-session=/)])
  })
})

describe('koaSessions', () => {
  it('takes Koa’s context or Node’s request, and keeps what is saved when the program throws a client’s error', async () => {
    const { sessions } = makeSessions()
    const app = new Koa()
    app.silent = true
    app.use(koaSessions(sessions))
    app.use(async ctx => {
      const session = await sessions.of(ctx)
      expect(await sessions.of(ctx.req)).toBe(session)
      session.set('visits', 1)
      ctx.throw(404, 'no such page')
    })
    const server = await listen(app.callback())
    closes.push(() => server.close())
    const response = await server.fetch('/')
    expect([response.status, await response.text()]).toEqual([404, 'no such page'])
    expect(response.headers.getSetCookie().length).toBe(1)
  })

  it('leaves an answer that the program ended itself as it is', async () => {
    const { sessions } = makeSessions()
    const app = new Koa()
    app.use(koaSessions(sessions))
    app.use(async ctx => {
      ;(await sessions.of(ctx)).set('visits', 1)
      ctx.res.end('own')
    })
    const server = await listen(app.callback())
    closes.push(() => server.close())
    expect(await (await server.fetch('/')).text()).toBe('own')
  })

  it('answers for a head that Node refuses when it is made, as without sessions', async () => {
    const { sessions } = makeSessions()
    const app = new Koa()
    app.silent = true
    app.use(koaSessions(sessions))
    app.use(async ctx => {
      ;(await sessions.of(ctx)).set('visits', 1)
      ctx.set('Trailer', 'X-T')
      ctx.body = 'text'
    })
    const server = await listen(app.callback())
    closes.push(() => server.close())
    const response = await server.fetch('/')
    expect([response.status, response.headers.getSetCookie().length]).toEqual([500, 1])
  })

  it('tells app.on("error") of a save that failed, once', async () => {
    const { store, sessions } = makeSessions()
    const errors: unknown[] = []
    const app = new Koa()
    app.on('error', error => errors.push(error))
    app.use(koaSessions(sessions))
    app.use(async ctx => {
      const session = await sessions.of(ctx)
      session.set('visits', 1)
      ctx.body = 'saved'
    })
    const server = await listen(app.callback())
    closes.push(() => server.close())
    store.breakDown('create')
    const response = await server.fetch('/')
    expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '1'])
    expect(await response.text()).toBe('Service Unavailable')
    expect(errors.map(error => isKeepsakeError(error, 'STORE_FAILED'))).toEqual([true])
  })
})

describe('honoSessions', () => {
  function site() {
    const { store, sessions } = makeSessions()
    const app = new Hono()
    app.use(honoSessions(sessions))
    return { store, sessions, app }
  }

  it('takes the context or its request for the same one, also when middleware has replaced that', async () => {
    const { sessions, app } = site()
    app.use(bodyLimit({ maxSize: 1000 }))
    app.post('/', async c => {
      const session = await sessions.of(c)
      return c.json([session.id === null, await c.req.text()])
    })
    app.get('/', async c => c.json((await sessions.of(c)) === (await sessions.of(c.req.raw))))
    expect(await (await app.request('/')).json()).toBe(true)
    const body = ReadableStream.from([Buffer.from('text')])
    const request = new Request('http://localhost/', { method: 'POST', body, duplex: 'half' })
    expect(await (await app.request(request)).json()).toEqual([true, 'text'])
  })

  it('gives an error of the save to app.onError, without what described the dropped answer', async () => {
    const { store, sessions, app } = site()
    app.onError((error, c) => c.text(isKeepsakeError(error) ? error.code : 'other', 503))
    app.get('/', async c => {
      const session = await sessions.of(c)
      session.set('visits', 1)
      return c.text('saved', 200, { ETag: '"1"', 'Content-Disposition': 'attachment' })
    })
    store.breakDown('create')
    const response = await app.request('/')
    expect([response.status, await response.text()]).toEqual([503, 'STORE_FAILED'])
    expect([...response.headers.keys()].sort()).toEqual(['content-type', 'vary'])
  })

  it('answers its own errors with their status, and leaves the faults of the program to Hono', async () => {
    const { store, sessions, app } = site()
    app.get('/', async c => {
      const session = await sessions.of(c)
      return c.text(String(session.update('visits', (n = 0) => n + 1)))
    })
    store.breakDown('create')
    const response = await app.request('/')
    expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '1'])
    expect(response.headers.getSetCookie()).toEqual([])
  })

  it('keeps a logout whose handler throws what is no Error, which Hono itself passes on', async () => {
    const { store, sessions, app } = site()
    app.get('/', async c => c.text(String((await sessions.of(c)).update('visits', (n = 0) => n + 1))))
    app.get('/logout', async c => {
      const session = await sessions.of(c)
      session.destroy()
      throw 'no Error'
    })
    const browser = new CookieJar({ fetch: async (path, init) => app.request(path, init) })
    await browser.fetch('/')
    store.breakDown('delete')
    expect((await browser.fetch('/logout')).status).toBe(503)
    store.repair()
    await expect(browser.fetch('/logout')).rejects.toBe('no Error')
    expect(await (await browser.fetch('/')).text()).toBe('1')
  })

  it('keeps the headers and cookies that the program set in Hono’s ways, and saves when a client’s error is thrown', async () => {
    const { sessions, app } = site()
    app.get('/', async c => {
      const session = await sessions.of(c)
      session.set('visits', 1)
      c.header('X-Own', 'own')
      c.header('Vary', 'Accept')
      c.header('Set-Cookie', 'a=1', { append: true })
      c.header('Set-Cookie', 'b=2', { append: true })
      return c.html('<p>')
    })
    app.get('/gone', async c => {
      const session = await sessions.of(c)
      session.set('visits', 1)
      throw new HTTPException(410, { message: 'gone' })
    })
    const { headers } = await app.request('/')
    expect(headers.getSetCookie().map(line => line.slice(0, 3))).toEqual(['a=1', 'b=2', '__H'])
    expect([headers.get('X-Own'), headers.get('Vary')]).toEqual(['own', 'Accept, Cookie'])
    const gone = await app.request('/gone')
    expect([gone.status, gone.headers.getSetCookie().length]).toEqual([410, 1])
  })
})

describe('the client’s address, and whether it came over https', () => {
  const headers = { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https' }

  /** Sessions that only note what the adapter attaches. */
  function noting() {
    const noted: [boolean, string | undefined][] = []
    const { sessions } = makeSessions()
    sessions.attach = (_request, { secure, address }) => void noted.push([secure, address])
    return { noted, sessions }
  }

  it.each([true, false])('are what Fastify makes of a proxy: trusted %s', async trustProxy => {
    const { noted, sessions } = noting()
    const fastify = Fastify({ trustProxy })
    closes.push(() => fastify.close())
    await fastify.register(fastifySessions, { sessions })
    await fastify.inject({ url: '/', headers })
    expect(noted).toEqual([trustProxy ? [true, '203.0.113.7'] : [false, '127.0.0.1']])
  })

  it.each([true, false])('are what Koa makes of a proxy: trusted %s', async proxy => {
    const { noted, sessions } = noting()
    const app = new Koa({ proxy })
    app.use(koaSessions(sessions))
    const server = await listen(app.callback())
    closes.push(() => server.close())
    await server.fetch('/', { headers })
    expect(noted).toEqual([proxy ? [true, '203.0.113.7'] : [false, '127.0.0.1']])
  })
})
