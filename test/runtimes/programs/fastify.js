import Fastify from 'fastify'
import { fastifySessions } from 'keepsake/fastify'
import { answer, sessions } from './site.js'

export const server = async () => {
  const fastify = Fastify()
  fastify.register(fastifySessions, { sessions })
  fastify.get('/*', request => answer(request, request.url))
  await fastify.ready()
  return fastify.server
}
