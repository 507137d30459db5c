import type { Sessions } from '../session/sessions.ts'
import { type ExecutionContext, FetchExchange } from './fetch-exchange.ts'

/** What is used of Hono's context, so that its types are not needed where it is not installed. */
interface ContextLike {
  readonly req: { readonly raw: Request }
  readonly executionCtx: ExecutionContext
  get res(): Response
  set res(response: Response | undefined)
}

/**
 * Sessions for Hono 4, on any runtime. When a session cannot be saved, the error goes to `app.onError` as any other does;
 * without one, it is answered with its status, 503 or 409. What a streamed body changes is saved at once.
 *
 * @example
 * app.use(honoSessions(sessions))
 * app.get('/', async c => {
 *   const session = await sessions.of(c)
 *   return c.text(`visit ${session.update('visits', (n = 0) => n + 1)}`)
 * })
 */
export function honoSessions<Data extends object>(
  sessions: Sessions<Data>,
): (c: ContextLike, next: () => Promise<void>) => Promise<void> {
  return async (c, next) => {
    const exchange = new FetchExchange(c.req.raw, () => contextOf(c))
    sessions.attach(c.req.raw, exchange, c)
    // Hono makes an answer of every Error, and passes on what else is thrown.
    try {
      await next()
    } catch (thrown) {
      throw await exchange.afterFailure(thrown)
    }
    const answer = c.res
    try {
      // What is there is not waited for: it would cost every request a turn.
      const finishing = exchange.finish(answer)
      const finished = finishing instanceof Promise ? await finishing : finishing
      if (finished !== answer) replace(c, finished)
    } catch (error) {
      // What Hono makes of the error begins with the headers of what is here.
      replace(c, await exchange.finish(new Response(null, { status: 500 })))
      throw error
    }
  }
}

/** Where the platform has none, Hono throws. */
function contextOf(c: ContextLike): ExecutionContext | undefined {
  try {
    return c.executionCtx
  } catch {
    return undefined
  }
}

/** Without the first line, Hono would write the headers of the old response over those of the new one. */
function replace(c: ContextLike, response: Response): void {
  c.res = undefined
  c.res = response
}
