import type { Auth } from '../auth.ts'
import { fetchForm } from '../handlers/fetch-form.ts'
import { type Handler, handle } from '../handlers/handler.ts'
import { type LoginHandlerOptions, loginHandler } from '../handlers/login.ts'
import { type LogoutHandlerOptions, logoutHandler } from '../handlers/logout.ts'
import { toResponse } from './fetch.ts'
import { type Guards, guardsWith } from './guards.ts'

export type { LoginHandlerOptions, LoginProblem } from '../handlers/login.ts'
export type { LogoutHandlerOptions } from '../handlers/logout.ts'
export type { Guards } from './guards.ts'

/** What is used of Hono's context, so that its types are not needed where it is not installed. */
interface ContextLike {
  readonly req: { readonly raw: Request }
}

/** Middleware of Hono. */
export type HonoGuard = (c: ContextLike, next: () => Promise<void>) => Promise<Response | undefined>

export type HonoHandler<C> = (c: C) => Promise<Response>

/** What `honoAuth` gives. */
export interface HonoAuth<Own extends object> extends Guards<Own, HonoGuard> {
  /** Logs in, for `app.post('/login', …)`. Reads the body itself: nothing before it may have. */
  login<C extends ContextLike = ContextLike>(options?: LoginHandlerOptions<C>): HonoHandler<C>
  /** Logs out, for `app.all('/logout', …)`; what is no POST is answered with 405. */
  logout(options?: LogoutHandlerOptions): HonoHandler<ContextLike>
}

/**
 * Guards and ready-made handlers for Hono 4.
 *
 * @example
 * const { login, logout, requireUser } = honoAuth(auth)
 * app.post('/login', login())
 * app.get('/account', requireUser, async c => c.html(accountPage(await auth.user(c))))
 */
export function honoAuth<Own extends object>(auth: Auth<Own>): HonoAuth<Own> {
  return {
    ...guardsWith<Own, HonoGuard>(auth, refusal => async (c, next) => {
      const answer = await refusal(c)
      if (answer) return toResponse(answer)
      await next()
      return undefined
    }),
    login: (options = {}) => onHono(auth, loginHandler(auth, options)),
    logout: (options = {}) => onHono(auth, logoutHandler(auth, options)),
  }
}

function onHono<C extends ContextLike>(auth: Auth, handler: Handler<C>): HonoHandler<C> {
  return async c => toResponse(await handle(auth, c, () => fetchForm(c.req.raw), handler))
}
