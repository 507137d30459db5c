import type { Exchange } from '../adapters/exchange.ts'
import { invalidOption } from '../values/check-options.ts'
import type { Transport } from './transport.ts'

/** What stands in a header in place of a token: a client has none and asks for one, or the server says that it has none any more. */
export const none = 'none'

/** What names a header (RFC 9110 section 5.1). */
const isName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** These mean something else, are no longer the program's to read or set, or may be sent from pages anywhere without CORS. */
const taken =
  /^(cookie|set-cookie|authorization|proxy-.*|sec-.*|host|vary|cache-control|connection|content-.*|transfer-encoding|accept.*|range|origin|referer|user-agent)$/i

/**
 * The token travels in a header of this name, in requests and in answers: for apps and programs, which keep it themselves.
 * A new token comes in the answer's header; `none` there says to forget it.
 *
 * Throws `OPTION_INVALID` for a name that no header may have, or that means something else.
 *
 * @example
 * createSessions({ store, transport: header('X-Session') })
 */
export function header(name: string): Transport {
  checkName('the argument of header()', name)
  return headerTransport(name, name, value => value)
}

/** Options of `bearer`. */
export interface BearerOptions {
  /** The header of an answer that has a new token; HTTP names none. @default 'Session-Token' */
  readonly responseHeader?: string
}

/**
 * The token travels as `Authorization: Bearer <token>` (RFC 6750), and a new one comes in the answer's header `Session-Token`.
 *
 * @example
 * createSessions({ store, transport: ['cookie', bearer()] })
 */
export function bearer({ responseHeader = 'Session-Token' }: BearerOptions = {}): Transport {
  checkName('responseHeader', responseHeader)
  return headerTransport('Authorization', responseHeader, credentials)
}

/** The scheme is case-insensitive (RFC 9110 section 11.1). Credentials of another scheme are none of ours. */
function credentials(value: string): string | undefined {
  return /^bearer(?: +(.*))?$/i.exec(value) ? value.slice('bearer'.length).trim() : undefined
}

function headerTransport(request: string, response: string, valueIn: (text: string) => string | undefined): Transport {
  const name = request.toLowerCase()
  const values = (exchange: Exchange): string[] => {
    const text = exchange.requestHeader(name)
    const value = text === undefined ? undefined : valueIn(text)
    return value === undefined ? [] : [value]
  }
  return {
    onPurpose: true,
    varyBy: [request],
    values,
    send: (exchange, value) => exchange.setHeader(response, value),
    forget(exchange): boolean {
      const [value = none] = values(exchange)
      if (value === none) return false
      exchange.setHeader(response, none)
      return true
    },
  }
}

function checkName(option: string, name: string): void {
  if (typeof name !== 'string' || !isName.test(name)) {
    throw invalidOption(option, `is ${JSON.stringify(name)}, which no header is called`)
  }
  if (taken.test(name)) throw invalidOption(option, `is ${JSON.stringify(name)}, which means something else in HTTP`)
}
