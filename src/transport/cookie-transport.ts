import type { Exchange } from '../adapters/exchange.ts'
import { resolveCookie, type SessionCookieOptions } from '../cookies/cookie-options.ts'
import { cookieValues } from '../cookies/read-cookie.ts'
import { type CookieAttributes, cookieWriter } from '../cookies/set-cookie.ts'
import { chunkName, chunksOf, joinChunks, mostChunks } from './chunks.ts'
import type { Transport } from './transport.ts'

/** The value travels in a cookie; in several, where it is too long for one. */
export function cookieTransport(options: SessionCookieOptions): Transport & { readonly cookieName: string } {
  const { cookieName, cookieAttributes, cookieLine } = resolveCookie(options)
  const send = (exchange: Exchange, line: string): void => exchange.appendHeader('Set-Cookie', line)

  /** Chunks of a longer value would otherwise stay in the browser, and be sent with every request. */
  function forgetChunks(exchange: Exchange, from: number): boolean {
    const stale = chunksSent(exchange.cookieHeader, cookieName).filter(index => index >= from)
    for (const index of stale) send(exchange, chunkLine(cookieName, index, cookieAttributes, '', 0))
    return stale.length > 0
  }

  return {
    cookieName,
    varyBy: 'Cookie',

    values({ cookieHeader }): readonly string[] {
      const values = cookieValues(cookieHeader, cookieName)
      const [value] = values
      if (value === undefined || values.length > 1) return values
      return [joinChunks(value, index => cookieValues(cookieHeader, chunkName(cookieName, index)))]
    },

    send(exchange, value, maxAge): void {
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

/** The indexes of the chunks that a request carries beside the first. */
function chunksSent(header: string | undefined, name: string): number[] {
  if (!header?.includes(`${name}.`)) return []
  const indexes = Array.from({ length: mostChunks - 1 }, (_, i) => i + 1)
  return indexes.filter(index => cookieValues(header, chunkName(name, index)).length > 0)
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
