import { Readable } from 'node:stream'
import Fastify from 'fastify'
import { fastifySessions } from 'keepsake/fastify'
import { answer, sessions } from './site.js'

export const server = async () => {
  const fastify = Fastify()
  fastify.register(fastifySessions, { sessions })
  fastify.get('/*', async (request, reply) => {
    const answered = await answer(request, request.url)
    return reply.send(typeof answered === 'string' ? answered : Readable.from(answered))
  })
  await fastify.ready()
  return fastify.server
}
