import { parseSetCookie } from 'cookie'

/** What a jar uses in place of the world's. */
export interface CookieJarOptions {
  /** The time in ms since 1970. @default Date.now */
  readonly clock?: () => number
  /** Answers the requests: an app's own handler will do. @default the global fetch */
  readonly fetch?: (url: string, init?: RequestInit) => Promise<Response>
}

interface KeptCookie {
  readonly name: string
  readonly value: string
  readonly path: string
  /** In ms since 1970; null for a session cookie, which ends with the browser. */
  readonly expires: number | null
}

/**
 * What a browser keeps of one site, enough for tests: names, values, paths and expiry. `Domain`, `Secure`, `HttpOnly`,
 * `SameSite` and prefixes are not judged here: a `Secure` cookie also travels over plain http.
 *
 * @example
 * const browser = new CookieJar()
 * await browser.fetch('http://localhost:3000/login', { method: 'POST' })
 * await browser.fetch('http://localhost:3000/')   // sends the cookie that the login set
 */
export class CookieJar {
  readonly #clock: () => number
  readonly #fetch: (url: string, init?: RequestInit) => Promise<Response>
  readonly #cookies = new Map<string, KeptCookie>()

  constructor({ clock = Date.now, fetch = globalFetch }: CookieJarOptions = {}) {
    this.#clock = clock
    this.#fetch = fetch
  }

  /** Sends the cookies that belong to the URL, and keeps those that come back. Redirects are shown, not followed. */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    const cookies = [headers.get('Cookie'), this.header(url)].filter(Boolean).join('; ')
    if (cookies) headers.set('Cookie', cookies)
    const response = await this.#fetch(url, { redirect: 'manual', ...init, headers })
    this.store(url, response)
    return response
  }

  /** Keeps what the `Set-Cookie` lines of a response say, each in the place of an earlier one of its name and path. */
  store(url: string, response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const { name, value = '', path, maxAge, expires } = parseSetCookie(line, { decode: text => text })
      const kept = path?.startsWith('/') ? path : defaultPath(url)
      const end = maxAge === undefined ? (expires?.getTime() ?? null) : this.#clock() + maxAge * 1000
      const key = `${name} ${kept}`
      if (isOver(end, this.#clock())) this.#cookies.delete(key)
      else this.#cookies.set(key, { name, value, path: kept, expires: end })
    }
  }

  /** The `Cookie` header for a URL, the cookies of longer paths first; empty if there is none to send. */
  header(url: string): string {
    return this.#belongingTo(url)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
  }

  /** The value of a cookie as it would be sent to a URL. */
  get(name: string, url = '/'): string | undefined {
    return this.#belongingTo(url).find(cookie => cookie.name === name)?.value
  }

  /** Forgets the cookies that end with the browser. */
  closeBrowser(): void {
    for (const [key, { expires }] of this.#cookies) if (expires === null) this.#cookies.delete(key)
  }

  #belongingTo(url: string): KeptCookie[] {
    const path = pathOf(url)
    return [...this.#cookies.values()]
      .filter(({ expires, path: covering }) => !isOver(expires, this.#clock()) && pathMatches(path, covering))
      .sort((a, b) => b.path.length - a.path.length)
  }
}

function globalFetch(url: string, init?: RequestInit): Promise<Response> {
  return globalThis.fetch(url, init)
}

function isOver(expires: number | null, now: number): boolean {
  return expires !== null && expires <= now
}

function pathOf(url: string): string {
  return new URL(url, 'http://localhost').pathname
}

/** Without a `Path`, a cookie belongs to the folder of the page that set it (RFC 6265 section 5.1.4). */
function defaultPath(url: string): string {
  return pathOf(url).replace(/\/[^/]*$/, '') || '/'
}

/** RFC 6265 section 5.1.4: `/shop` covers `/shop` and `/shop/cart`, not `/shopping`. */
function pathMatches(path: string, covering: string): boolean {
  return path === covering || path.startsWith(covering.endsWith('/') ? covering : `${covering}/`)
}
