import { isKeepsakeError } from '../../errors.ts'
import type { Auth } from '../auth.ts'
import { exchangeFor } from '../auth-core.ts'
import { queryOf } from '../query-of.ts'
import type { User } from '../users/user.ts'
import { type Answer, jsonAnswer, pageAnswer, redirectTo } from './answer.ts'
import { wantsPage } from './errors.ts'
import type { Fields } from './form.ts'
import type { Handler } from './handler.ts'

/** Why nobody was logged in, as the login page may say it. */
export interface LoginProblem {
  /** `full`: they proved who they are, and a limit of sessions says `reject`. */
  readonly reason: 'invalid' | 'throttled' | 'full'
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
    if (user && (await hasPlace(auth, request, user, isTicked(fields.remember)))) {
      return wantsPage(request) ? redirectTo(next) : jsonAnswer(200, { next })
    }
    const retryAfter = 'retryAfterMs' in found ? Math.ceil(found.retryAfterMs / 1000) : null
    const reason = user ? 'full' : retryAfter === null ? 'invalid' : 'throttled'
    const problem = problemOf(fields, next, reason, retryAfter)
    return failed(problem, wantsPage(request) ? await page(problem, request) : null)
  }
}

/** Logs the user in; false if they are logged in in as many places as they may be. */
async function hasPlace(auth: Auth, request: object, user: User, remember: boolean): Promise<boolean> {
  try {
    await auth.login(request, user, { remember })
    return true
  } catch (error) {
    if (isKeepsakeError(error, 'SESSIONS_FULL')) return false
    throw error
  }
}

const answers = {
  invalid: { status: 401, error: 'LOGIN_INVALID', message: 'Wrong name or password.' },
  throttled: {
    status: 429,
    error: 'LOGIN_THROTTLED',
    message: 'Too many attempts. Please wait a little and try again.',
  },
  full: {
    status: 409,
    error: 'SESSIONS_FULL',
    message: 'You are logged in in as many places as you may be. Please log out in one of them.',
  },
} as const

function problemOf(
  { username }: Fields,
  next: string,
  reason: LoginProblem['reason'],
  retryAfter: number | null,
): LoginProblem {
  // Nobody's name is longer; what is would only fill the page. Half a character would make `encodeURIComponent` throw there.
  const typed = typeof username === 'string' ? username.slice(0, 150).toWellFormed() : ''
  return { reason, message: answers[reason].message, retryAfter, username: typed, next }
}

function failed({ reason, retryAfter }: LoginProblem, page: string | null): Answer {
  const { status, error, message } = answers[reason]
  const headers: Record<string, string> = retryAfter === null ? {} : { 'Retry-After': String(retryAfter) }
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
