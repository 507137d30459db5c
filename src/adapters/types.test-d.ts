import { createServer } from 'node:http'
import express from 'express'
import express4 from 'express4'
import Fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { expectTypeOf, test } from 'vitest'
import { createSessions } from '../create-sessions.ts'
import type { Session } from '../session/session.ts'
import { memoryStore } from '../stores/memory.ts'
import { bearer, header } from '../transport/index.ts'
import { expressSessions } from './express.ts'
import { fastifySessions } from './fastify.ts'
import { withSessions } from './fetch.ts'
import { honoSessions } from './hono.ts'
import { koaSessions } from './koa.ts'
import { nodeSessions } from './node.ts'

interface AppSession {
  visits: number
}

const store = memoryStore()
const sessions = createSessions<AppSession>({ store })

test('the data of the program comes with the sessions, in every framework', () => {
  const fastify = Fastify()
  fastify.register(fastifySessions, { sessions })
  fastify.get('/', async (request, reply) => {
    expectTypeOf(await sessions.of(request)).toEqualTypeOf<Session<AppSession>>()
    expectTypeOf(await sessions.of(request.raw)).toEqualTypeOf<Session<AppSession>>()
    return reply.send('')
  })
  // @ts-expect-error without sessions there is nothing to mount
  fastify.register(fastifySessions)

  new Hono()
    .use(honoSessions(sessions))
    .get('/', async c => c.text(String((await sessions.of(c)).get('visits') satisfies number | undefined)))

  new Hono<{ Bindings: { name: string }; Variables: { user: string } }>()
    .basePath('/shop')
    .use('*', honoSessions(sessions))
    .get('/', async c => {
      expectTypeOf(c.env.name).toBeString()
      expectTypeOf(c.get('user')).toBeString()
      return c.json({ visits: (await sessions.of(c.req.raw)).get('visits', 0) satisfies number })
    })

  const koa = new Koa<{ user: string }>()
  koa.use(koaSessions(sessions))
  koa.use(async ctx => {
    expectTypeOf(await sessions.of(ctx)).toEqualTypeOf<Session<AppSession>>()
    ctx.body = ctx.state.user
  })
})

test('the data of the program comes with the sessions, on Node, in Express 4 and 5, and in a fetch handler', () => {
  createServer(
    nodeSessions(sessions, async (req, res) => {
      expectTypeOf(await sessions.of(req)).toEqualTypeOf<Session<AppSession>>()
      res.end()
    }),
  )
  for (const app of [express(), express4()]) {
    app.use(expressSessions(sessions))
    app.get('/', async (req, res) => {
      expectTypeOf(await sessions.of(req)).toEqualTypeOf<Session<AppSession>>()
      res.end()
    })
  }
  const handler = withSessions(sessions, async (request, env: { name: string }) => {
    expectTypeOf(await sessions.of(request)).toEqualTypeOf<Session<AppSession>>()
    return new Response(env.name)
  })
  expectTypeOf(handler).toEqualTypeOf<(request: Request, env: { name: string }) => Promise<Response>>()
})

test('fastify over HTTP/2 takes the same line', () => {
  const fastify = Fastify({ http2: true })
  fastify.register(fastifySessions, { sessions })
})

test('how a token travels is one of the ways, or several', () => {
  createSessions({ store, transport: 'cookie' })
  createSessions({ store, transport: header('X-Session') })
  createSessions({ store, transport: ['cookie', bearer({ responseHeader: 'X-Token' })] })
  // @ts-expect-error no such way
  createSessions({ store, transport: 'header' })
  // @ts-expect-error the function that makes it
  createSessions({ store, transport: header })
})

test('the session of a socket is there to read', async () => {
  const session = await sessions.ofUpgrade(new Request('http://localhost'))
  expectTypeOf(session.get('visits', 0)).toEqualTypeOf<number>()
  expectTypeOf(session.watch(() => undefined, { every: '1m' })).toEqualTypeOf<() => void>()
  // @ts-expect-error there is no answer that could set a cookie
  session.set('visits', 1)
  // @ts-expect-error there is no answer that could delete one
  session.destroy()
})
