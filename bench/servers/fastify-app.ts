import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { ready } from './serve.ts'

/** What a variant has to show. */
export interface Routes {
  /** Begins a session for the visitor `request.query.user`. */
  readonly login: Handler
  /** Answers with the user's name, from the session. */
  readonly read: Handler
  /** Counts a visit in the session, and answers with the number. */
  readonly write: Handler
}

/** As Fastify advises: either calls `reply.send` and returns nothing, or returns a promise of the body. */
type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<string> | undefined

/** Serves the same routes in every variant: only the plugins and what the routes do differ. */
export async function serveFastify(
  register: (fastify: FastifyInstance) => Promise<unknown>,
  { login, read, write }: Routes,
): Promise<void> {
  const fastify = Fastify({ trustProxy: '127.0.0.1' })
  await register(fastify)
  fastify.get('/untouched', (_request, reply) => void reply.send('nothing'))
  fastify.get('/read', read)
  fastify.get('/write', write)
  fastify.get('/login', login)
  await fastify.listen({ port: 0, host: '127.0.0.1' })
  ready((fastify.server.address() as AddressInfo).port)
}

/** Who logs in. */
export function userOf({ query }: FastifyRequest): string {
  return String((query as { user?: string }).user)
}
