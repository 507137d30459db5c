import type { IncomingMessage } from 'node:http'
import type { Auth } from '../auth.ts'
import type { Answer } from '../handlers/answer.ts'
import { type Handler, handle } from '../handlers/handler.ts'
import { type LoginHandlerOptions, loginHandler } from '../handlers/login.ts'
import { type LogoutHandlerOptions, logoutHandler } from '../handlers/logout.ts'
import { nodeForm } from '../handlers/node-form.ts'
import { type Guards, guardsWith } from './guards.ts'

export type { LoginHandlerOptions, LoginProblem } from '../handlers/login.ts'
export type { LogoutHandlerOptions } from '../handlers/logout.ts'
export type { Guards } from './guards.ts'

/** What is used of Fastify, so that its types are not needed where it is not installed. */
interface RequestLike {
  readonly raw: IncomingMessage
  readonly body?: unknown
}

interface ReplyLike {
  code(status: number): unknown
  headers(headers: { [name: string]: string }): unknown
  send(body: string): unknown
}

/** For `preHandler`, of a route or of all. */
export type FastifyGuard = (request: RequestLike, reply: ReplyLike) => Promise<unknown>

export type FastifyHandler<R> = (request: R, reply: ReplyLike) => Promise<unknown>

/** What `fastifyAuth` gives. */
export interface FastifyAuth<Own extends object> extends Guards<Own, FastifyGuard> {
  /** Logs in, for `fastify.post('/login', …)`. Forms of browsers need `@fastify/formbody`, as everywhere on Fastify. */
  login<R extends RequestLike = RequestLike>(options?: LoginHandlerOptions<R>): FastifyHandler<R>
  /** Logs out, for `fastify.all('/logout', …)`; what is no POST is answered with 405. */
  logout(options?: LogoutHandlerOptions): FastifyHandler<RequestLike>
}

/**
 * Guards and ready-made handlers for Fastify 5.
 *
 * @example
 * const { login, logout, requireUser } = fastifyAuth(auth)
 * fastify.post('/login', login())
 * fastify.get('/account', { preHandler: requireUser }, async request => accountPage(await auth.user(request)))
 */
export function fastifyAuth<Own extends object>(auth: Auth<Own>): FastifyAuth<Own> {
  return {
    ...guardsWith<Own, FastifyGuard>(auth, refusal => async (request, reply) => {
      const answer = await refusal(request)
      return answer ? send(reply, answer) : undefined
    }),
    login: (options = {}) => onFastify(auth, loginHandler(auth, options)),
    logout: (options = {}) => onFastify(auth, logoutHandler(auth, options)),
  }
}

function onFastify<R extends RequestLike>(auth: Auth, handler: Handler<R>): FastifyHandler<R> {
  return async (request, reply) =>
    send(reply, await handle(auth, request, () => nodeForm(request.raw, request.body), handler))
}

/** The reply itself: given back, it tells Fastify that it is answered. */
function send(reply: ReplyLike, { status, headers, body }: Answer): unknown {
  reply.code(status)
  reply.headers({ ...headers })
  return reply.send(body)
}
