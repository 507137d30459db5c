import { isKeepsakeError, type KeepsakeError } from '../errors.ts'
import type { BeforeHeaders, Exchange } from './exchange.ts'
import { inOrder } from './in-order.ts'

/** What Cloudflare hands out beside a request. All work ends there with the answer, but for what it is told to wait for. */
export interface ExecutionContext {
  waitUntil(work: Promise<unknown>): unknown
}

/** A request and the response to come. */
export class FetchExchange implements Exchange {
  readonly #request: Request
  readonly #context: () => ExecutionContext | undefined
  #prepare: BeforeHeaders | undefined
  #response: Response | undefined
  headersSent = false
  /** A Request does not tell where it came from. */
  readonly address: string | undefined = undefined

  constructor(request: Request, context: () => ExecutionContext | undefined = () => undefined) {
    this.#request = request
    this.#context = context
  }

  get cookieHeader(): string | undefined {
    return this.#request.headers.get('Cookie') ?? undefined
  }

  get method(): string {
    return this.#request.method
  }

  get target(): string {
    const { pathname, search } = new URL(this.#request.url)
    return pathname + search
  }

  get secure(): boolean {
    return this.#request.url.startsWith('https:')
  }

  requestHeader(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined
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

  beforeHeaders(run: BeforeHeaders): void {
    this.#prepare = inOrder(this.#prepare, run)
  }

  beforeEnd(run: () => Promise<void>): void {
    const saving = Promise.resolve()
      .then(run)
      .catch(() => undefined)
    this.#context()?.waitUntil(saving)
  }

  /** The response with what the session adds to it; the very same response if the session was never asked for. */
  finish(response: Response): Response | Promise<Response> {
    this.headersSent = true
    return this.#prepare ? this.#finish(response, this.#prepare) : response
  }

  async #finish(response: Response, prepare: BeforeHeaders): Promise<Response> {
    // What has no headers to change is passed on: Response.error(), an upgrade to a WebSocket, or nothing at all.
    if (!(response instanceof Response) || response.status < 200) {
      await prepare(response?.type === 'error' ? 500 : 101)
      return response
    }
    // The headers of a response that was fetched or made by Response.redirect() cannot be changed, but those of a copy can.
    const copy = new Response(response.body, response)
    this.#response = copy
    try {
      await prepare(copy.status)
    } catch (error) {
      // Nobody will read it, and whoever makes it must learn that. How long they take is not waited for.
      copy.body?.cancel(error).catch(() => undefined)
      throw error
    }
    return copy
  }

  /**
   * Does what holds in spite of the handler's own error (a logout), and throws that error again; gives the error that keeps
   * it from being done.
   */
  async afterFailure(error: unknown): Promise<KeepsakeError> {
    this.headersSent = true
    try {
      await this.#prepare?.(500)
    } catch (failure) {
      if (isKeepsakeError(failure)) return failure
    }
    throw error
  }
}
