import { isKeepsakeError } from '../errors.ts'
import type { Sessions } from '../session/sessions.ts'
import type { Exchange } from './exchange.ts'

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
    const exchange = new FetchExchange(request)
    sessions.attach(request, exchange)
    try {
      return await exchange.finish(await handler(request, ...rest))
    } catch (error) {
      if (!isKeepsakeError(error)) return exchange.fail(error)
      return exchange.finish(
        new Response(`${error.status}\n`, { status: error.status, headers: error.headers }),
      )
    }
  }
}

/** A request and the response to come. */
class FetchExchange implements Exchange {
  readonly #request: Request
  #prepare: ((status: number) => Promise<void>) | undefined
  #response: Response | undefined
  headersSent = false

  constructor(request: Request) {
    this.#request = request
  }

  get cookieHeader(): string | undefined {
    return this.#request.headers.get('Cookie') ?? undefined
  }

  getHeader(name: string): string | undefined {
    return this.#response?.headers.get(name) ?? undefined
  }

  setHeader(name: string, value: string): void {
    this.#response?.headers.set(name, value)
  }

  appendHeader(name: string, value: string): void {
    this.#response?.headers.append(name, value)
  }

  beforeHeaders(run: (status: number) => Promise<void>): void {
    this.#prepare = run
  }

  beforeEnd(run: () => Promise<void>): void {
    queueMicrotask(() => void run().catch(() => undefined))
  }

  /** The response with what the session adds to it; the very same response if the session was never asked for. */
  async finish(response: Response): Promise<Response> {
    if (!this.#prepare) return response
    // The headers of a response that was fetched or made by Response.redirect() cannot be changed, but those of a copy can.
    this.#response = new Response(response.body, response)
    this.headersSent = true
    await this.#prepare(response.status)
    return this.#response
  }

  /** The handler's own error, once what holds in spite of it (a logout) is done. */
  async fail(error: unknown): Promise<never> {
    await this.#prepare?.(500)
    throw error
  }
}
