import type { Exchange } from '../adapters/exchange.ts'
import type { SessionCookieOptions } from '../cookies/cookie-options.ts'
import { checkFunctions, invalidOption } from '../values/check-options.ts'
import { cookieTransport } from './cookie-transport.ts'
import { none } from './header-transport.ts'
import type { Carriage, Transport } from './transport.ts'

/** One way in which the token travels: `'cookie'`, whose attributes are the `cookie` option's, or what `header` or `bearer` made. */
export type SessionTransport = 'cookie' | Transport

/** The ways that the program chose. */
export interface Transports {
  /** All of them as one. */
  readonly transport: Transport
  /** What signed and sealed values are bound to, also where they travel in a header. */
  readonly cookieName: string
  /** Whether the session's cookie is `Secure`. */
  readonly cookieSecure: boolean
  /** Whether a browser may have sent a request's session by itself. */
  readonly carriage: (exchange: Exchange) => Carriage
}

/** The ways that the program chose as one. Throws for none, for the same twice, and for a `cookie` option that nothing uses. */
export function transportsOf(
  chosen: SessionTransport | readonly SessionTransport[] = 'cookie',
  cookie?: SessionCookieOptions,
): Transports {
  if (chosen === 'cookie') return cookieOnly(cookie)
  const list: readonly SessionTransport[] = Array.isArray(chosen) ? chosen : [chosen]
  if (list.length === 0) throw invalidOption('transport', 'is empty: the token has to travel somehow')
  if (cookie && !list.includes('cookie')) {
    throw invalidOption(
      'transport',
      "has no cookie, but the option cookie is given: add 'cookie' to it, or drop that option",
    )
  }
  const inCookie = cookieOnly(cookie)
  const ways = list.map(way => (way === 'cookie' ? inCookie.transport : checked(way)))
  const names = ways.flatMap(({ varyBy }) => varyBy.map(name => name.toLowerCase()))
  if (new Set(names).size < names.length) throw invalidOption('transport', `names a header twice: ${names.join(', ')}`)
  return { ...inCookie, transport: either(ways), carriage: exchange => carriageBy(ways, exchange) }
}

function cookieOnly(cookie: SessionCookieOptions = {}): Transports {
  const transport = cookieTransport(cookie)
  const { cookieName, cookieSecure } = transport
  return { transport, cookieName, cookieSecure, carriage: () => 'by itself' }
}

function carriageBy(ways: readonly Transport[], exchange: Exchange): Carriage {
  const onPurpose = ways.filter(way => way.onPurpose)
  if (onPurpose.some(way => way.values(exchange).length > 0)) return 'on purpose'
  return onPurpose.length === ways.length ? 'not at all' : 'by itself'
}

function checked(way: Transport): Transport {
  checkFunctions('transport', way, ['values', 'send', 'forget'])
  if (!Array.isArray(way.varyBy)) throw invalidOption('transport', 'has no list varyBy')
  return way
}

/**
 * Several ways as one. A new value goes out by the ways that the request came by: were it also sent in a header to browsers,
 * any script of a page could read what `HttpOnly` hides. A request that came by none of them is answered by the first.
 */
function either(ways: readonly Transport[]): Transport {
  const used = (exchange: Exchange): readonly Transport[] => {
    const carrying = ways.filter(way => way.values(exchange).length > 0)
    return carrying.length > 0 ? carrying : ways.slice(0, 1)
  }
  return {
    varyBy: ways.flatMap(({ varyBy }) => varyBy),
    triesEach: ways.length === 1 && ways.some(way => way.triesEach),

    /** Different values are of different sessions: which of them is meant cannot be told, so none is. */
    values(exchange): readonly string[] {
      const found = ways.map(way => way.values(exchange))
      const twice = found.find(values => values.length > 1)
      const distinct = twice ?? [...new Set(found.flat())]
      return distinct.length === 1 && distinct[0] === none ? [] : distinct
    },

    send(exchange, value, maxAge): void {
      for (const way of used(exchange)) way.send(exchange, value, maxAge)
    },

    forget(exchange): boolean {
      return used(exchange).filter(way => way.forget(exchange)).length > 0
    },
  }
}
