import type { IncomingMessage } from 'node:http'
import type { Sessions } from '../session/sessions.ts'
import { answerOn, type ReplyLike } from './fastify-error-answer.ts'
import { NodeExchange } from './node-exchange.ts'

/** What is used of Fastify, so that its types are not needed where it is not installed. */
interface FastifyLike {
  addHook(name: 'onRequest', hook: (request: RequestLike, reply: ReplyLike, done: () => void) => void): unknown
}

interface RequestLike {
  readonly raw: IncomingMessage
  readonly ip: string
  readonly protocol: string
}

function onFastify<Data extends object>(
  fastify: FastifyLike,
  { sessions }: { readonly sessions: Sessions<Data> },
  done: () => void,
): void {
  fastify.addHook('onRequest', (request, reply, next) => {
    const fail = (error: unknown): void => answerOn(reply, error)
    sessions.attach(request.raw, new NodeExchange(request.raw, reply.raw, fail, request), request)
    next()
  })
  done()
}

/**
 * Sessions for Fastify 5, for the whole app that it is registered on. When a session cannot be saved, the error goes to the
 * program's error handlers as any other does, with `statusCode` 503 or 409.
 *
 * @example
 * await fastify.register(fastifySessions, { sessions })
 * fastify.get('/', async request => {
 *   const session = await sessions.of(request)
 *   return `visit ${session.update('visits', (n = 0) => n + 1)}`
 * })
 */
// What `fastify-plugin` adds: without it, the hook would hold for nobody but the plugin itself.
export const fastifySessions: typeof onFastify = Object.assign(onFastify, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'keepsake',
  [Symbol.for('plugin-meta')]: { name: 'keepsake', fastify: '5.x' },
})
