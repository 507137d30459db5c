import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance } from 'fastify'
import { describe, it } from 'vitest'
import type { AdapterApp, MountedApp } from '../testing/adapter-contract/app.ts'
import { describeAdapter } from '../testing/describe-adapter.ts'
import { fastifySessions } from './fastify.ts'

async function build({ sessions, answer }: AdapterApp): Promise<FastifyInstance> {
  const fastify = Fastify()
  await fastify.register(fastifySessions, { sessions })
  fastify.all('*', async (request, reply) => {
    const { status, headers, body } = await answer(request, request.url)
    reply.status(status)
    for (const [name, value] of headers) reply.header(name, value)
    return reply.send(typeof body === 'string' ? body || null : Readable.from(body))
  })
  return fastify
}

async function mount(app: AdapterApp): Promise<MountedApp> {
  const fastify = await build(app)
  const address = await fastify.listen({ port: 0, host: '127.0.0.1' })
  return {
    fetch: (path, init) => fetch(address + path, init),
    async close(): Promise<void> {
      fastify.server.closeAllConnections()
      await fastify.close()
    },
  }
}

describeAdapter('fastifySessions', mount, { describe, it })
