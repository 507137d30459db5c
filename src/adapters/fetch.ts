import { isKeepsakeError, type KeepsakeError } from '../errors.ts'
import type { Sessions } from '../session/sessions.ts'
import { type ExecutionContext, FetchExchange } from './fetch-exchange.ts'

type Handler<Rest extends unknown[]> = (request: Request, ...rest: Rest) => Response | Promise<Response>

/**
 * Sessions for a `fetch` handler: Bun, Deno, Cloudflare, or any framework whose handlers turn a `Request` into a `Response`.
 * An error of Keepsake that the handler does not catch, or that comes when the session is saved, is answered with its
 * status; every other error is the handler's own. What a streamed body changes is saved at once, since nobody sees its end.
 *
 * @example
 * export default {
 *   fetch: withSessions(sessions, async request => {
 *     const session = await sessions.of(request)
 *     return new Response(`visit ${session.update('visits', (n = 0) => n + 1)}`)
 *   }),
 * }
 */
export function withSessions<Data extends object, Rest extends unknown[]>(
  sessions: Sessions<Data>,
  handler: Handler<Rest>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  return async (request, ...rest) => {
    const exchange = new FetchExchange(request, () => rest.find(isContext))
    sessions.attach(request, exchange)
    try {
      return await exchange.finish(await handler(request, ...rest))
    } catch (error) {
      const failure = isKeepsakeError(error) ? error : await exchange.afterFailure(error)
      return finishInTwo(exchange, failure)
    }
  }
}

/** The error answer is the place for a logout too, which may fail in its turn. */
async function finishInTwo(exchange: FetchExchange, failure: KeepsakeError): Promise<Response> {
  try {
    return await exchange.finish(answerTo(failure))
  } catch (later) {
    return exchange.finish(answerTo(later as KeepsakeError))
  }
}

function isContext(given: unknown): given is ExecutionContext {
  return typeof Object(given).waitUntil === 'function'
}

/** A fault of the program is told to the console: nobody else would. */
function answerTo(error: KeepsakeError): Response {
  const { status, headers } = error
  if (status === 500) console.error(error)
  return new Response(`${status}\n`, { status, headers })
}
