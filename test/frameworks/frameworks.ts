import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import express4 from 'express4'
import Fastify, { type FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { expressSessions } from '../../src/adapters/express.ts'
import { fastifySessions } from '../../src/adapters/fastify.ts'
import { withSessions } from '../../src/adapters/fetch.ts'
import { honoSessions } from '../../src/adapters/hono.ts'
import { koaSessions } from '../../src/adapters/koa.ts'
import { nodeSessions } from '../../src/adapters/node.ts'
import type { Sessions } from '../../src/index.ts'

/** What the visitors of these sites are remembered by. */
export interface Data {
  visits: number
}

/** A site to build on a framework: its pages answer in the framework's own ways. */
export interface Site {
  readonly sessions: Sessions<Data>
  /** How often the adapter is mounted: before the route, or, with `late`, after it. */
  readonly mounted: 'once' | 'twice' | 'late' | 'never'
  /** Runs with what the framework hands to its handlers, and gives the text of the page, before each answer. */
  readonly text: (request: object) => Promise<string>
  readonly http2?: boolean
}

/** A site that listens. */
export interface Listening {
  readonly port: number
  readonly server: Server | Http2Server
  close(): Promise<void>
}

/** The ways to answer, each a path. */
export const ways = [
  '/text',
  '/json',
  '/redirect',
  '/stream',
  '/file',
  '/empty',
  '/unchanged',
  '/missing',
  '/throw',
] as const

const file = import.meta.filename

const parts = (text: string): Readable => Readable.from(['one ', 'two ', text])

function mounts({ mounted }: Site): number {
  return { once: 1, twice: 2, late: 0, never: 0 }[mounted]
}

async function listening(server: Server | Http2Server, close?: () => Promise<unknown>): Promise<Listening> {
  const open = new Set<{ destroy(): unknown }>()
  server.on('connection', socket => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
  })
  if (!server.listening) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async close(): Promise<void> {
      for (const socket of open) socket.destroy()
      if (close) await close()
      else await new Promise(resolve => server.close(resolve))
    },
  }
}

async function answerOnNode(site: Site, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const text = await site.text(req)
  if (req.url === '/text') res.writeHead(200, { 'Content-Type': 'text/plain' }).end(text)
  else if (req.url === '/json') res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ text }))
  else if (req.url === '/redirect') res.writeHead(302, ['Location', '/text']).end()
  else if (req.url === '/stream') parts(text).pipe(res)
  else if (req.url === '/file') createReadStream(file).pipe(res)
  else if (req.url === '/empty') res.writeHead(204).end()
  else if (req.url === '/unchanged') res.writeHead(304, { ETag: '"1"' }).end()
  else if (req.url === '/throw') throw new Error('the program failed')
  else res.writeHead(404).end('no such page')
}

function onNode(site: Site): Promise<Listening> {
  let handler = async (req: IncomingMessage, res: ServerResponse): Promise<unknown> => {
    if (req.url === '/hints') earlyHints(res)
    return answerOnNode(site, req, res).catch(error => {
      if (error.name === 'KeepsakeError') throw error
      res.writeHead(500).end('sorry')
    })
  }
  for (let times = 0; times < mounts(site); times++) {
    handler = nodeSessions(site.sessions, handler) as typeof handler
  }
  const listener = (req: IncomingMessage, res: ServerResponse): void => {
    handler(req, res).catch(error => res.writeHead(500).end(String(error.message)))
  }
  return listening(site.http2 ? createHttp2Server(listener as never) : createServer(listener))
}

function earlyHints(res: ServerResponse): void {
  res.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
}

function onExpress(framework: typeof express): (site: Site) => Promise<Listening> {
  return site => {
    const app = framework().set('env', 'test')
    for (let times = 0; times < mounts(site); times++) app.use(expressSessions(site.sessions))
    app.use((req, res, next) => {
      const answer = async (): Promise<void> => {
        if (req.path === '/hints') earlyHints(res)
        const text = await site.text(req)
        if (req.path === '/text') res.type('text').send(text)
        else if (req.path === '/json') res.json({ text })
        else if (req.path === '/redirect') res.redirect('/text')
        else if (req.path === '/stream') parts(text).pipe(res)
        else if (req.path === '/file') res.sendFile(file)
        else if (req.path === '/empty') res.status(204).end()
        else if (req.path === '/unchanged') res.status(304).set('ETag', '"1"').end()
        else if (req.path === '/throw') throw new Error('the program failed')
        else next()
      }
      answer().catch(next)
    })
    if (site.mounted === 'late') app.use(expressSessions(site.sessions))
    app.use(((error, _req, res, _next) =>
      res.status(error.status ?? 500).send(error.message)) as express.ErrorRequestHandler)
    return listening(createServer(app))
  }
}

async function onFastify(site: Site): Promise<Listening> {
  const fastify = (site.http2 ? Fastify({ http2: true }) : Fastify()) as FastifyInstance
  for (let times = 0; times < mounts(site); times++)
    await fastify.register(fastifySessions, { sessions: site.sessions })
  fastify.addHook('preHandler', async (request, reply) => {
    if (request.url === '/hints') earlyHints(reply.raw)
    Object.assign(request, { text: await site.text(request) })
  })
  const textOf = (request: object): string => (request as { text: string }).text
  fastify.get('/text', async request => textOf(request))
  fastify.get('/json', async request => ({ text: textOf(request) }))
  fastify.get('/redirect', async (_request, reply) => reply.redirect('/text'))
  fastify.get('/stream', async (request, reply) => reply.send(parts(textOf(request))))
  fastify.get('/file', async (_request, reply) => reply.type('text/plain').send(createReadStream(file)))
  fastify.get('/empty', async (_request, reply) => reply.code(204).send())
  fastify.get('/unchanged', async (_request, reply) => reply.code(304).header('ETag', '"1"').send())
  fastify.get('/hints', async request => textOf(request))
  fastify.get('/throw', async () => {
    throw new Error('the program failed')
  })
  // Fastify collects the hooks of a route when it is ready, so that the order does not matter.
  if (site.mounted === 'late') await fastify.register(fastifySessions, { sessions: site.sessions })
  await fastify.listen({ port: 0, host: '127.0.0.1' })
  return listening(fastify.server, () => fastify.close())
}

function onKoa(site: Site): Promise<Listening> {
  const app = new Koa()
  app.silent = true
  for (let times = 0; times < mounts(site); times++) app.use(koaSessions(site.sessions))
  app.use(async (ctx, next) => {
    if (ctx.path === '/hints') earlyHints(ctx.res)
    const text = await site.text(ctx)
    if (ctx.path === '/text') ctx.body = text
    else if (ctx.path === '/json') ctx.body = { text }
    else if (ctx.path === '/redirect') ctx.redirect('/text')
    else if (ctx.path === '/stream') ctx.body = parts(text)
    else if (ctx.path === '/file') ctx.body = createReadStream(file)
    else if (ctx.path === '/empty') ctx.status = 204
    else if (ctx.path === '/unchanged') {
      ctx.status = 304
      ctx.set('ETag', '"1"')
    } else if (ctx.path === '/throw') ctx.throw(500, 'the program failed')
    else if (ctx.path === '/hints') ctx.body = text
    await next()
  })
  if (site.mounted === 'late') app.use(koaSessions(site.sessions))
  app.on('error', (error, ctx) => ctx.set('X-Error', error.code ?? 'none'))
  return listening(site.http2 ? createHttp2Server(app.callback() as never) : createServer(app.callback()))
}

/** The app itself, for those who ask it without a socket. */
export function honoApp(site: Site): Hono {
  const app = new Hono()
  for (let times = 0; times < mounts(site); times++) app.use(honoSessions(site.sessions))
  app.onError((error, c) => {
    const status = 'status' in error ? Number(error.status) : 500
    return c.text(error.message, status as 500)
  })
  app.use(async (c, next) => {
    Object.assign(c, { shown: await site.text(c) })
    await next()
  })
  const textOf = (c: object): string => (c as { shown: string }).shown
  app.get('/text', c => c.text(textOf(c)))
  app.get('/json', c => c.json({ text: textOf(c) }))
  app.get('/redirect', c => c.redirect('/text'))
  app.get('/stream', c => c.body(bytesOf(parts(textOf(c)))))
  app.get('/file', c => c.body(bytesOf(createReadStream(file))))
  app.get('/empty', c => c.body(null, 204))
  app.get('/unchanged', c => c.body(null, 304, { ETag: '"1"' }))
  app.get('/throw', () => {
    throw new Error('the program failed')
  })
  if (site.mounted === 'late') app.use(honoSessions(site.sessions))
  return app
}

function onHono(site: Site): Promise<Listening> {
  return listening(fetchServer(honoApp(site).fetch, site))
}

function fetchHandler(site: Site): (request: Request) => Promise<Response> {
  let handler = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    const text = await site.text(request)
    if (pathname === '/text') return new Response(text)
    if (pathname === '/json') return Response.json({ text })
    if (pathname === '/redirect') return new Response(null, { status: 302, headers: { Location: '/text' } })
    if (pathname === '/stream') return new Response(bytesOf(parts(text)))
    if (pathname === '/file') return new Response(bytesOf(createReadStream(file)))
    if (pathname === '/empty') return new Response(null, { status: 204 })
    if (pathname === '/unchanged') return new Response(null, { status: 304, headers: { ETag: '"1"' } })
    if (pathname === '/throw') throw new Error('the program failed')
    return new Response('no such page', { status: 404 })
  }
  for (let times = 0; times < mounts(site); times++) handler = withSessions(site.sessions, handler)
  return handler
}

function onFetch(site: Site): Promise<Listening> {
  return listening(fetchServer(fetchHandler(site), site))
}

/** A server that asks a `fetch` handler, as every platform has one built in but Node. */
function fetchServer(fetch: (request: Request) => Response | Promise<Response>, { http2 }: Site): Server {
  const createServer = http2 ? { createServer: createHttp2Server } : {}
  return createAdaptorServer({ fetch, ...createServer } as never) as Server
}

function bytesOf(stream: Readable): ReadableStream {
  return Readable.toWeb(stream.map(part => Buffer.from(part))) as ReadableStream
}

interface Framework {
  readonly listen: (site: Site) => Promise<Listening>
  /** Whether it can answer over HTTP/2. */
  readonly http2: boolean
  /** Whether it can send early hints. */
  readonly hints: boolean
  /** What the error for a missing adapter says. */
  readonly line: string
}

export const frameworks: Readonly<Record<string, Framework>> = {
  nodeSessions: { listen: onNode, http2: true, hints: true, line: 'createServer(nodeSessions(sessions, handler))' },
  'expressSessions on Express 5': {
    listen: onExpress(express),
    http2: false,
    hints: true,
    line: 'app.use(expressSessions(sessions))',
  },
  'expressSessions on Express 4': {
    listen: onExpress(express4),
    http2: false,
    hints: true,
    line: 'app.use(expressSessions(sessions))',
  },
  fastifySessions: {
    listen: onFastify,
    http2: true,
    hints: true,
    line: 'await fastify.register(fastifySessions, { sessions })',
  },
  koaSessions: { listen: onKoa, http2: true, hints: true, line: 'app.use(koaSessions(sessions))' },
  honoSessions: { listen: onHono, http2: true, hints: false, line: 'app.use(honoSessions(sessions))' },
  withSessions: { listen: onFetch, http2: true, hints: false, line: 'fetch: withSessions(sessions, handler)' },
}
