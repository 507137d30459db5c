import type { Auth } from '../auth.ts'
import type { Answer } from '../handlers/answer.ts'
import { fetchForm } from '../handlers/fetch-form.ts'
import { type Handler, handle } from '../handlers/handler.ts'
import { type LoginHandlerOptions, loginHandler } from '../handlers/login.ts'
import { type LogoutHandlerOptions, logoutHandler } from '../handlers/logout.ts'
import { type Guards, guardsWith } from './guards.ts'

export type { LoginHandlerOptions, LoginProblem } from '../handlers/login.ts'
export type { LogoutHandlerOptions } from '../handlers/logout.ts'
export type { Guards } from './guards.ts'

/** Wraps a handler, so that some visitors come through to it. */
export type FetchGuard = <Rest extends unknown[]>(
  handler: (request: Request, ...rest: Rest) => Response | Promise<Response>,
) => (request: Request, ...rest: Rest) => Promise<Response>

export type FetchHandler = (request: Request) => Promise<Response>

/** What `fetchAuth` gives. */
export interface FetchAuth<Own extends object> extends Guards<Own, FetchGuard> {
  /** Logs in, for POST on `/login`. */
  login(options?: LoginHandlerOptions<Request>): FetchHandler
  /** Logs out, for any method on `/logout`; what is no POST is answered with 405. */
  logout(options?: LogoutHandlerOptions): FetchHandler
}

/**
 * Guards and ready-made handlers for `fetch` handlers inside `withSessions`.
 *
 * @example
 * const { login, logout, requireUser } = fetchAuth(auth)
 * const account = requireUser(async request => new Response(`Hello, ${(await auth.user(request))?.username}`))
 */
export function fetchAuth<Own extends object>(auth: Auth<Own>): FetchAuth<Own> {
  return {
    ...guardsWith<Own, FetchGuard>(auth, refusal => handler => async (request, ...rest) => {
      const answer = await refusal(request)
      return answer ? toResponse(answer) : handler(request, ...rest)
    }),
    login: (options = {}) => onFetch(auth, loginHandler(auth, options)),
    logout: (options = {}) => onFetch(auth, logoutHandler(auth, options)),
  }
}

function onFetch(auth: Auth, handler: Handler<Request>): FetchHandler {
  return async request => toResponse(await handle(auth, request, () => fetchForm(request), handler))
}

export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers })
}
