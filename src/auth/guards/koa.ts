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

/** What is used of Koa's context, so that its types are not needed where it is not installed. */
interface ContextLike {
  readonly req: IncomingMessage
  readonly request: object
  status: number
  body: unknown
  set(headers: { [name: string]: string }): void
}

/** Middleware of Koa. */
export type KoaGuard = (ctx: ContextLike, next: () => Promise<unknown>) => Promise<void>

export type KoaHandler<C> = (ctx: C) => Promise<void>

/** What `koaAuth` gives. */
export interface KoaAuth<Own extends object> extends Guards<Own, KoaGuard> {
  /** Logs in, for POST on `/login`. */
  login<C extends ContextLike = ContextLike>(options?: LoginHandlerOptions<C>): KoaHandler<C>
  /** Logs out, for any method on `/logout`; what is no POST is answered with 405. */
  logout(options?: LogoutHandlerOptions): KoaHandler<ContextLike>
}

/**
 * Guards and ready-made handlers for Koa 3, for a router or for middleware of your own.
 *
 * @example
 * const { login, logout, requireUser } = koaAuth(auth)
 * router.post('/login', login())
 * router.get('/account', requireUser, async ctx => {
 *   ctx.body = accountPage(await auth.user(ctx))
 * })
 */
export function koaAuth<Own extends object>(auth: Auth<Own>): KoaAuth<Own> {
  return {
    ...guardsWith<Own, KoaGuard>(auth, refusal => async (ctx, next) => {
      const answer = await refusal(ctx)
      if (answer) send(ctx, answer)
      else await next()
    }),
    login: (options = {}) => onKoa(auth, loginHandler(auth, options)),
    logout: (options = {}) => onKoa(auth, logoutHandler(auth, options)),
  }
}

function onKoa<C extends ContextLike>(auth: Auth, handler: Handler<C>): KoaHandler<C> {
  return async ctx => {
    const { body } = ctx.request as { body?: unknown }
    send(ctx, await handle(auth, ctx, () => nodeForm(ctx.req, body), handler))
  }
}

function send(ctx: ContextLike, { status, headers, body }: Answer): void {
  ctx.status = status
  ctx.body = body
  // After the body, which brings a type of its own.
  ctx.set({ ...headers })
}
