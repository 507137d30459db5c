import type { Auth } from '../auth.ts'
import { exchangeFor } from '../auth-core.ts'
import { queryOf } from '../query-of.ts'
import { type Answer, jsonAnswer, pageAnswer, redirectTo } from './answer.ts'
import { wantsPage } from './errors.ts'
import type { Fields } from './form.ts'
import type { Handler } from './handler.ts'

/** Why nobody was logged in, as the login page may say it. */
export interface LoginProblem {
  readonly reason: 'invalid' | 'throttled'
  /** One English line, the same for all wrong logins. Translate by `reason`. */
  readonly message: string
  /** In seconds, if too many have tried. */
  readonly retryAfter: number | null
  /** What was typed as the name, to be in the form again. Escape it. */
  readonly username: string
  /** Where to go after the login: for the form's field `next`. Escape it. */
  readonly next: string
}

/** Options of the ready-made login. */
export interface LoginHandlerOptions<R extends object = object> {
  /** What a browser is shown when nobody was logged in: the login page again, as HTML. @default a line, and a link to the login page */
  readonly page?: (problem: LoginProblem, request: R) => string | Promise<string>
  /** Where to go after the login, for who comes without a safe `next`. @default '/' */
  readonly home?: string
}

/**
 * Logs in whom the fields `username` and `password` prove, remembers the browser if `remember` is ticked, and leads to `next`.
 * With backends of your own, the form has their fields.
 */
export function loginHandler<R extends object>(
  auth: Auth,
  { page = plainPage, home = '/' }: LoginHandlerOptions<R>,
): Handler<R> {
  return async (request, fields) => {
    const next = auth.safeNext(request, fields.next ?? queryNext(request), home)
    const { user, ...found } = await auth.authenticate(request, fields)
    if (user) {
      await auth.login(request, user, { remember: isTicked(fields.remember) })
      return wantsPage(request) ? redirectTo(next) : jsonAnswer(200, { next })
    }
    const retryAfter = 'retryAfterMs' in found ? Math.ceil(found.retryAfterMs / 1000) : null
    const problem = problemOf(fields, next, retryAfter)
    return failed(problem, wantsPage(request) ? await page(problem, request) : null)
  }
}

const messages = {
  invalid: 'Wrong name or password.',
  throttled: 'Too many attempts. Please wait a little and try again.',
}

function problemOf({ username }: Fields, next: string, retryAfter: number | null): LoginProblem {
  const reason = retryAfter === null ? 'invalid' : 'throttled'
  // Nobody's name is longer; what is would only fill the page. Half a character would make `encodeURIComponent` throw there.
  const typed = typeof username === 'string' ? username.slice(0, 150).toWellFormed() : ''
  return { reason, message: messages[reason], retryAfter, username: typed, next }
}

function failed({ reason, message, retryAfter }: LoginProblem, page: string | null): Answer {
  const status = reason === 'throttled' ? 429 : 401
  const headers: Record<string, string> = retryAfter === null ? {} : { 'Retry-After': String(retryAfter) }
  const error = reason === 'throttled' ? 'LOGIN_THROTTLED' : 'LOGIN_INVALID'
  return page === null ? jsonAnswer(status, { error, message }, headers) : pageAnswer(status, page, headers)
}

function plainPage({ message, next }: LoginProblem): string {
  return `<!doctype html><title>${message}</title><p>${message}</p><p><a href="?next=${encodeURIComponent(next)}">Try again</a></p>`
}

/** The field of a form whose `action` is the page's own address. */
function queryNext(request: object): string | null {
  return queryOf(exchangeFor(request).target).get('next')
}

function isTicked(value: unknown): boolean {
  return value === true || (typeof value === 'string' && !['', '0', 'false', 'off', 'no'].includes(value))
}
