import type { IncomingMessage, ServerResponse } from 'node:http'
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

type Next = (error?: unknown) => void

/** Middleware of Connect: for `app.use` and before a route's handler. */
export type ExpressGuard = (req: IncomingMessage, res: ServerResponse, next: Next) => void

/** Without `next`, as on a plain `node:http` server, errors are rejections. */
export type ExpressHandler<R> = (req: R, res: ServerResponse, next?: Next) => Promise<void>

/** What `expressAuth` gives. */
export interface ExpressAuth<Own extends object> extends Guards<Own, ExpressGuard> {
  /** Logs in, for `app.post('/login', …)`. */
  login<R extends IncomingMessage = IncomingMessage>(options?: LoginHandlerOptions<R>): ExpressHandler<R>
  /** Logs out, for `app.all('/logout', …)`; what is no POST is answered with 405. */
  logout(options?: LogoutHandlerOptions): ExpressHandler<IncomingMessage>
}

/**
 * Guards and ready-made handlers for Express 4 and 5, for whatever takes Connect's middleware, and for `node:http`.
 *
 * @example
 * const { login, logout, requireUser, requirePermission } = expressAuth(auth)
 * app.post('/login', login({ page: problem => loginPage(problem) }))
 * app.all('/logout', logout())
 * app.get('/account', requireUser, async (req, res) => res.send(accountPage(await auth.user(req))))
 */
export function expressAuth<Own extends object>(auth: Auth<Own>): ExpressAuth<Own> {
  return {
    ...guardsWith(auth, refusal => (req, res, next) => {
      refusal(req).then(answer => (answer ? send(res, answer) : next()), next)
    }),
    login: (options = {}) => onExpress(auth, loginHandler(auth, options)),
    logout: (options = {}) => onExpress(auth, logoutHandler(auth, options)),
  }
}

function onExpress<R extends IncomingMessage>(auth: Auth, handler: Handler<R>): ExpressHandler<R> {
  return async (req, res, next) => {
    try {
      const { body } = req as { body?: unknown }
      send(res, await handle(auth, req, () => nodeForm(req, body), handler))
    } catch (error) {
      if (!next) throw error
      next(error)
    }
  }
}

function send(res: ServerResponse, { status, headers, body }: Answer): void {
  res.statusCode = status
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  res.end(body)
}
