import { isKeepsakeError, type KeepsakeError } from '../errors.ts'
import type { BeforeHeaders, Exchange } from './exchange.ts'
import { inOrder } from './in-order.ts'

/** What Cloudflare hands out beside a request. All work ends there with the answer, but for what it is told to wait for. */
export interface ExecutionContext {
  waitUntil(work: Promise<unknown>): unknown
}

// A request and the response to come.
export class FetchExchange implements Exchange {
  readonly #request: Request
  readonly #context: () => ExecutionContext | undefined
  #prepare: BeforeHeaders | undefined
  #response: Response | undefined
  // It is no longer the handler's own.
  #isCopy = false
  headersSent = false
  // A Request does not tell where it came from.
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

  // `Vary` says nothing of the visitor, and is set where it is, if it can be. On Node, a copy turns the body into a stream, which
  // costs more than the session itself.
  setHeader(name: string, value: string): void {
    if (name !== 'Vary' || !this.#setInPlace(name, value)) this.#copy()?.headers.set(name, value)
  }

  appendHeader(name: string, value: string): void {
    this.#copy()?.headers.append(name, value)
  }

  // False beyond the statuses of nearly every page: a program may keep a redirect, or an error without a body, and give it again.
  // False too for headers that are fixed, as those of a fetched response are.
  #setInPlace(name: string, value: string): boolean {
    try {
      if (!this.#response || this.#response.status > 203) return false
      this.#response.headers.set(name, value)
      return true
    } catch {
      return false
    }
  }

  // A program may answer with one response again and again: a cookie on that would go to the next visitor.
  #copy(): Response | undefined {
    if (this.#response && !this.#isCopy) {
      this.#response = new Response(this.#response.body, this.#response)
      this.#isCopy = true
    }
    return this.#response
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

  // The response with what the session adds to it; the very same response if the session was never asked for.
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
    this.#response = response
    this.#isCopy = false
    try {
      await prepare(response.status)
    } catch (error) {
      // Nobody will read it, and whoever makes it must learn that. How long they take is not waited for.
      this.#response.body?.cancel(error).catch(() => undefined)
      throw error
    }
    return this.#response
  }

  // Does what holds in spite of the handler's own error (a logout), and throws that error again; gives the error that keeps
  // it from being done.
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
