import type { Exchange } from '../adapters/exchange.ts'
import { resolveCookie, type SessionCookieOptions } from '../cookies/cookie-options.ts'
import { cookieValue, cookieValues } from '../cookies/read-cookie.ts'
import { type CookieAttributes, cookieWriter } from '../cookies/set-cookie.ts'
import { KeepsakeError } from '../errors.ts'
import { chunkLength, chunkName, chunksOf, joinChunks, longestValue, mostChunks } from './chunks.ts'
import type { Transport } from './transport.ts'

/** What browsers keep of a name and its value (RFC 6265bis section 5.6), and what a chunk and its `.1` leave of that. */
const longestName = 4096 - chunkLength - 2

interface CookieFacts {
  readonly cookieName: string
  readonly cookieSecure: boolean
}

/** The value travels in a cookie; in several, where it is too long for one. */
export function cookieTransport(options: SessionCookieOptions): Transport & CookieFacts {
  const { cookieName, cookieAttributes, cookieLine } = resolveCookie(options)
  checkName(cookieName)
  const send = (exchange: Exchange, line: string): void => exchange.appendHeader('Set-Cookie', line)

  /** Chunks of a longer value would otherwise stay in the browser, and be sent with every request. */
  function forgetChunks(exchange: Exchange, from: number): void {
    const stale = chunksSent(exchange.cookieHeader, cookieName).filter(index => index >= from)
    for (const index of stale) send(exchange, chunkLine(cookieName, index, cookieAttributes, '', 0))
  }

  return {
    cookieName,
    cookieSecure: cookieAttributes.secure,
    varyBy: ['Cookie'],
    // Of a name with this prefix, browsers send the cookie that this host set, and no other.
    triesEach: !cookieName.toLowerCase().startsWith('__host-'),

    values: ({ cookieHeader }) => valuesSent(cookieHeader, cookieName),

    send(exchange, value, maxAge): void {
      if (value.length > longestValue) {
        failFirst(exchange, value)
        return
      }
      const [first = '', ...others] = chunksOf(value)
      send(exchange, cookieLine(first, maxAge))
      for (const [i, chunk] of others.entries()) {
        send(exchange, chunkLine(cookieName, i + 1, cookieAttributes, chunk, maxAge))
      }
      forgetChunks(exchange, others.length + 1)
    },

    forget(exchange): boolean {
      const known = exchange.cookieHeader?.includes(cookieName) ?? false
      if (!known) return false
      send(exchange, cookieLine('', 0))
      forgetChunks(exchange, 1)
      return true
    },
  }
}

function checkName({ length }: string): void {
  if (length <= longestName) return
  throw new KeepsakeError('COOKIE_INVALID', `cookie.name has ${length} characters, of at most ${longestName}`)
}

/** Exchanges whose answer failed since the value was too long: the error answer in its place goes without it. */
const failed = new WeakSet<Exchange>()

function failFirst(exchange: Exchange, { length }: string): void {
  if (failed.has(exchange)) return
  failed.add(exchange)
  throw new KeepsakeError('SESSION_TOO_LARGE', `its cookies have ${length} bytes, of at most ${longestValue}`)
}

/** The different values that a request carries, each put together from its chunks. */
function valuesSent(header: string | undefined, name: string): readonly string[] {
  const values = cookieValues(header, name)
  const [value, another] = values
  if (another === undefined && !value?.startsWith('~')) return values
  const whole = (first: string): string => joinChunks(first, index => cookieValues(header, chunkName(name, index)))
  // A set of a single value would hash all of it for nothing: 17 µs for one of 5.7 KB.
  return another === undefined ? values.map(whole) : [...new Set(values.map(whole))]
}

/** The indexes of the chunks that a request carries beside the first. */
function chunksSent(header: string | undefined, name: string): number[] {
  if (!header?.includes(`${name}.`)) return []
  const indexes = Array.from({ length: mostChunks - 1 }, (_, i) => i + 1)
  return indexes.filter(index => cookieValue(header, chunkName(name, index)) !== undefined)
}

function chunkLine(
  name: string,
  index: number,
  attributes: CookieAttributes,
  value: string,
  maxAge: number | null,
): string {
  return cookieWriter(chunkName(name, index), attributes)(value, maxAge)
}
