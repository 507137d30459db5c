import type { Exchange } from '../adapters/exchange.ts'
import { KeepsakeError } from '../errors.ts'
import { unlessDone } from '../waiting/awaitable.ts'
import { keepFromSharedCaches } from './cache-policy.ts'
import { parseCookies } from './parse-cookies.ts'
import { cookieValue, cookieValues } from './read-cookie.ts'
import { type SetCookieOptions, stringifySetCookie } from './set-cookie.ts'
import { varyBy } from './vary.ts'

/** Where a cookie to be deleted was set: without the same domain, path and flags, browsers keep it. */
export type DeleteCookieOptions = Omit<SetCookieOptions, 'maxAge' | 'expires'>

/** A cookie that this request set, or deleted (no value). */
interface Change {
  readonly value: string | undefined
  readonly options: SetCookieOptions
}

/** One request's cookies. */
export interface JarState {
  readonly exchange: Exchange
  /** What `get` is to know of what was set. */
  readonly changes: Map<string, Change>
  /** The lines that wait to be sent: one for each name, since of two the order would decide. */
  readonly lines: Map<string, string>
  /** Whether the answer depends on a cookie. */
  read: boolean
  attached: boolean
  /** What was set has been added to an answer: it is on its way, or was dropped with that. */
  leaving: boolean
}

/** Browsers keep 50 cookies of a host or more; servers answer 431 when the `Cookie` header gets too long. */
const mostCookies = 50
const mostBytes = 8192

/**
 * The cookies of one request and its answer. Nothing is parsed until you ask, and nothing of the response is touched until
 * you set something. What you set leaves with the headers; what you set last under a name is sent, and is what `get` gives
 * from then on.
 *
 * Values are text, sent as they are: nothing is encoded or decoded. For text that cookies cannot hold, use
 * `encodeURIComponent`.
 */
export class Jar {
  readonly #state: JarState

  constructor(state: JarState) {
    this.#state = state
  }

  /** The cookie's value as the browser sent it, or as it was set in this request; of several, that of the longest path. */
  get(name: string): string | undefined {
    const change = this.#reading().changes.get(name)
    return change ? change.value : cookieValue(this.#state.exchange.cookieHeader, name)
  }

  /** All values of this name: there are several if paths or domains overlap, or if somebody planted one. */
  getAll(name: string): string[] {
    const change = this.#reading().changes.get(name)
    if (!change) return cookieValues(this.#state.exchange.cookieHeader, name)
    return change.value === undefined ? [] : [change.value]
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** All cookies, name → value, of the first 256 that were sent. A copy: changing it sets nothing. */
  all(): Map<string, string> {
    const { exchange, changes } = this.#reading()
    const all = parseCookies(exchange.cookieHeader)
    for (const [name, { value }] of changes) {
      if (value === undefined) all.delete(name)
      else all.set(name, value)
    }
    return all
  }

  /**
   * Sets a cookie, with `Path=/; HttpOnly; Secure; SameSite=Lax` unless the options say otherwise; without `maxAge` or
   * `expires` it ends with the browser. Throws `COOKIE_INVALID` for what browsers would drop, and `HEADERS_SENT` if the
   * headers have left.
   *
   * @example
   * cookies(request).set('theme', 'dark', { maxAge: 31_536_000 })
   */
  set(name: string, value: string, options: SetCookieOptions = {}): void {
    const chosen = withDefaults(checkedOptions(name, options))
    const line = stringifySetCookie(name, value, chosen)
    this.#change(name, { value: endsAtOnce(chosen) ? undefined : value, options: chosen }, line)
  }

  /**
   * Deletes a cookie. Say where it was set, if that was not where `set` sets by default: browsers delete only the cookie of
   * the same domain, path and partition. After a `set` in the same request its options are known.
   */
  delete(name: string, options?: DeleteCookieOptions): void {
    const {
      maxAge: _,
      expires: __,
      ...where
    } = withDefaults(options ?? this.#current().changes.get(name)?.options ?? {})
    this.#change(name, { value: undefined, options: where }, stringifySetCookie(name, '', { ...where, maxAge: 0 }))
  }

  #change(name: string, change: Change, line: string): void {
    const { exchange, changes, lines } = this.#current()
    if (exchange.headersSent) throw new KeepsakeError('HEADERS_SENT', `the cookie ${name}`)
    const others = [...changes].filter(([other]) => other !== name)
    const bytes = others.reduce(
      (sum, [other, { value = '' }]) => sum + sizeOf(other, value),
      sizeOf(name, change.value),
    )
    if (others.length >= mostCookies || bytes > mostBytes) {
      const detail = `with ${name}, this request sets ${others.length + 1} cookies of ${bytes} bytes`
      throw new KeepsakeError('COOKIE_INVALID', `${detail}, of at most ${mostCookies} and ${mostBytes}`)
    }
    changes.set(name, change)
    lines.set(name, line)
    this.#attach()
  }

  /** What is answered depends on the cookie from now on: caches have to keep visitors apart (CVE-2026-27205). */
  #reading(): JarState {
    this.#state.read = true
    this.#attach()
    return this.#current()
  }

  /** The browser has nothing of an answer that was dropped, so the error answer begins with what the browser sent. */
  #current(): JarState {
    const state = this.#state
    if (state.leaving && !state.exchange.headersSent) {
      state.changes.clear()
      state.leaving = false
    }
    return state
  }

  #attach(): void {
    const { exchange, attached } = this.#state
    if (attached || exchange.headersSent) return
    this.#state.attached = true
    exchange.beforeHeaders(() => unlessDone(done => this.#beforeHeaders(done)))
  }

  /** Waits for nothing, so that no answer is held back for it. Async all the same: what is thrown here drops the answer. */
  async #beforeHeaders(done: () => void): Promise<void> {
    const { exchange, lines, read } = this.#state
    if (read) exchange.setHeader('Vary', varyBy('Cookie', exchange.getHeader('vary')))
    if (lines.size > 0) {
      for (const line of lines.values()) exchange.appendHeader('Set-Cookie', line)
      // They belong to this answer: if it is dropped, since the session cannot be saved, they go with it.
      lines.clear()
      this.#state.leaving = true
      keepFromSharedCaches(exchange)
    }
    done()
  }
}

/** For programs without types: null, or a `sameSite` that was given as it is. */
export function checkedOptions<Options extends object>(name: string, options: Options): Options {
  if (typeof options === 'object' && options !== null) return options
  throw new KeepsakeError('COOKIE_INVALID', `the options of ${name} are ${JSON.stringify(options)}, not an object`)
}

/** Whether it deletes the cookie. Of both, browsers go by `maxAge`. */
function endsAtOnce({ maxAge, expires }: SetCookieOptions): boolean {
  return maxAge === undefined ? expires !== undefined && expires.getTime() <= Date.now() : maxAge === 0
}

/** What is safe wherever nothing else was chosen, also where it was chosen to be undefined. */
function withDefaults(options: SetCookieOptions): SetCookieOptions {
  const { path = '/', secure = true, httpOnly = true, sameSite = 'lax', ...rest } = options
  return { path, secure, httpOnly, sameSite, ...rest }
}

function sizeOf(name: string, value = ''): number {
  return name.length + value.length
}
