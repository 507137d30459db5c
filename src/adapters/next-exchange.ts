import { parseSetCookie, type SetCookie } from 'cookie'
import { KeepsakeError } from '../errors.ts'
import type { BeforeHeaders, Exchange } from './exchange.ts'
import { inOrder } from './in-order.ts'

/** What is used of Next's `cookies()`. Server components cannot set any. */
export interface NextCookies {
  getAll(): readonly { readonly name: string; readonly value: string }[]
  set?(cookie: SetCookie & { value: string }): unknown
}

/** What is used of Next's `headers()`. */
export interface NextHeaders {
  get(name: string): string | null
}

// The request under way in Next.js, as far as a server action and a route handler alike can see and change it.
export class NextExchange implements Exchange {
  readonly #jar: NextCookies
  readonly #headers: NextHeaders
  #prepare: BeforeHeaders | undefined
  #response: Response | undefined
  headersSent = false
  // Neither is told. What may change things is looked at as if it did.
  readonly method: string = 'POST'
  readonly target: string = '/'
  // Next passes on what clients say of it.
  readonly address: string | undefined = undefined

  constructor(jar: NextCookies, headers: NextHeaders) {
    this.#jar = jar
    this.#headers = headers
  }

  // Not the header: the cookies that an action has set are what the page is rendered with that answers it.
  get cookieHeader(): string | undefined {
    const pairs = this.#jar.getAll().map(({ name, value }) => `${name}=${spelt(value)}`)
    return pairs.join('; ') || undefined
  }

  get secure(): boolean {
    return this.#headers.get('x-forwarded-proto') === 'https'
  }

  requestHeader(name: string): string | undefined {
    return this.#headers.get(name) ?? undefined
  }

  getHeader(name: string): string | undefined {
    return this.#response?.headers.get(name) ?? undefined
  }

  // Next chooses itself what an action's answer tells to caches. A token that nobody gets would be a session that nobody can reach.
  setHeader(name: string, value: string): void {
    if (this.#response) this.#response.headers.set(name, value)
    else if (!/^(vary|cache-control)$/i.test(name)) {
      throw new KeepsakeError('HEADERS_SENT', `a server action can set cookies, but not ${name}: use a route handler`)
    }
  }

  appendHeader(name: string, value: string): void {
    if (name !== 'Set-Cookie') this.#response?.headers.append(name, value)
    // Next encodes the value, and decodes it when it comes back.
    else this.#setCookie(parseSetCookie(value, { decode: text => text }))
  }

  #setCookie({ value = '', ...cookie }: SetCookie): void {
    this.#jar.set?.({ ...cookie, value })
  }

  beforeHeaders(run: BeforeHeaders): void {
    this.#prepare = inOrder(this.#prepare, run)
  }

  // Whether this one has to save: in a request with several, the session belongs to the first.
  get hasSession(): boolean {
    return this.#prepare !== undefined
  }

  beforeEnd(run: () => Promise<void>): void {
    queueMicrotask(() => void run().catch(() => undefined))
  }

  // Does the work, then what is to run before the answer leaves, and gives or throws what the work did.
  async answer<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await work()
      if (!(result instanceof Response)) await this.#finish(200)
      // The headers of a response that was fetched or made by Response.redirect() cannot be changed, but those of a copy can.
      else this.#response = new Response(result.body, result)
      if (this.#response) await this.#finish(this.#response.status)
      return (this.#response as Result | undefined) ?? result
    } catch (error) {
      await this.#finish(statusOf(error))
      throw error
    }
  }

  async #finish(status: number): Promise<void> {
    this.headersSent = true
    await this.#prepare?.(status)
  }
}

// What a server component sees: the answer has begun, and has no place for a cookie.
export class ReadingExchange extends NextExchange {
  override headersSent = true
  override readonly method: string = 'GET'

  // Only programs without types get here. A change that is not saved is not silently dropped.
  override beforeEnd(): void {
    throw new KeepsakeError('HEADERS_SENT', 'readSession() is for server components: change it in withSession()')
  }
}

// RFC 6265 section 4.1.1: what a value may consist of.
const octets = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/

// What a value may not have, and the sign that marks what is written in its place.
const notAsItIs = /[^\x21\x23\x24\x26-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/gu

// A value that Next has decoded. What a cookie can hold may have been set by us, and is given back as it was set.
function spelt(value: string): string {
  return octets.test(value) ? value : value.replace(notAsItIs, encodeURIComponent)
}

// `redirect()`, `notFound()` and their like throw what Next answers with.
function statusOf(error: unknown): number {
  const { digest } = Object(error) as { digest?: unknown }
  return typeof digest === 'string' && /^NEXT_(REDIRECT|HTTP_ERROR_FALLBACK);/.test(digest) ? 303 : 500
}
