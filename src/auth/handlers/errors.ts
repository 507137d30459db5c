import { isKeepsakeError } from '../../errors.ts'
import type { Auth } from '../auth.ts'
import { exchangeFor } from '../auth-core.ts'
import { type Answer, jsonAnswer, redirectTo } from './answer.ts'

/** Whether a person in front of a browser waits for the answer: programs ask for JSON, or for anything. */
export function wantsPage(request: object): boolean {
  return /\btext\/html\b/i.test(exchangeFor(request).requestHeader('accept') ?? '')
}

/**
 * What a visitor who may not do this is answered: a program gets the code as JSON, a person who has to log in the login page. Every
 * other error is thrown again: the framework answers it, with the page that the site has for it.
 */
export function answerError<Own extends object>(auth: Auth<Own>, request: object, error: unknown): Answer {
  if (!isKeepsakeError(error) || error.status >= 500) throw error
  if (!wantsPage(request)) return jsonAnswer(error.status, { error: error.code }, error.headers)
  if (error.code === 'LOGIN_REQUIRED' || error.code === 'LOGIN_STALE') return redirectTo(auth.loginUrl(request))
  throw error
}
