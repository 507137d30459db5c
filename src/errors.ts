import { type ErrorCode, errorTable } from './error-table.ts'

export type { ErrorCode }

interface KeepsakeErrorOptions extends ErrorOptions {
  /** When to try again, in seconds. @default 1 where the status is 503 */
  readonly retryAfter?: number
}

/**
 * The one class of error that Keepsake throws.
 *
 * `status`, `statusCode` and `headers` are what Express, Koa and Fastify look for, so an uncaught one is answered rightly by each.
 */
export class KeepsakeError extends Error {
  override readonly name = 'KeepsakeError'
  readonly code: ErrorCode
  readonly fix: string
  readonly status: number
  readonly statusCode: number
  /** Headers of the answer, for the frameworks that look for them in an error (Express, Koa). */
  readonly headers: Readonly<Record<string, string>>
  /** False, so that frameworks which show messages to clients (Koa, http-errors) do not show this one. */
  readonly expose = false
  /** The answer for Hono, which looks for it; errors that are the program's own fault have none, so that Hono logs them. */
  declare readonly getResponse?: () => Response

  /** `detail` is what was wrong this time, with the offending value unless it is secret. */
  constructor(code: ErrorCode, detail = '', { retryAfter, ...options }: KeepsakeErrorOptions = {}) {
    const { title, fix, status } = errorTable[code]
    super(`${code}: ${title}${detail && `: ${detail}`}. ${fix}`, options)
    this.code = code
    this.fix = fix
    this.status = status
    this.statusCode = status
    const seconds = retryAfter ?? (status === 503 ? 1 : undefined)
    this.headers = seconds === undefined ? {} : { 'Retry-After': String(seconds) }
    if (status === 500) return
    const getResponse = (): Response => new Response(`${status}\n`, { status, headers: this.headers })
    Object.defineProperty(this, 'getResponse', { value: getResponse })
  }
}

/**
 * Tells Keepsake's errors from others, optionally of one code, even across two installed copies of the package.
 *
 * @example
 * if (isKeepsakeError(error, 'SESSION_ENDED')) return Response.redirect('/login')
 */
export function isKeepsakeError(error: unknown, code?: ErrorCode): error is KeepsakeError {
  return error instanceof Error && error.name === 'KeepsakeError' && (!code || (error as KeepsakeError).code === code)
}
