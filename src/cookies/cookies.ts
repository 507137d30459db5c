import type { Exchange } from '../adapters/exchange.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { outermostOf } from './exchanges.ts'
import { Jar, type JarState } from './jar.ts'
import { KeyedJar } from './keyed-jar.ts'
import { unknownRequest } from './unknown-request.ts'

/** The jar of a request, and what its jars with keys share with it. */
interface Opened {
  readonly state: JarState
  readonly jar: Jar
}

/** How `cookies` finds out what signed and sealed cookies need to know. */
export interface CookiesOptions {
  /** The time in ms since 1970. For tests: `fakeClock`. @default Date.now */
  readonly clock?: () => number
}

/**
 * The cookies of this request, to read, set and delete: the same jar at every call. With keys, also signed and sealed ones.
 *
 * Throws `REQUEST_UNKNOWN` if no adapter has seen the request.
 *
 * @example
 * const jar = cookies(request)
 * jar.set('theme', jar.get('theme') === 'dark' ? 'light' : 'dark', { maxAge: 31_536_000 })
 *
 * @example
 * const keys = keyRing(process.env.COOKIE_SECRETS?.split(' ') ?? [])
 * cookies(request, keys).setSealed('coupon', 'SPRING', { maxAge: 3600 })
 */
export function cookies(request: object): Jar
export function cookies(request: object, keys: KeyRing, options?: CookiesOptions): KeyedJar
export function cookies(request: object, keys?: KeyRing, { clock = Date.now }: CookiesOptions = {}): Jar {
  const { state, jar } = openedOf(request)
  return keys ? new KeyedJar(state, keys, clock) : jar
}

/** It stands on the request, as decision 021 has it: two WeakMaps took more than all else that it costs to read a cookie. */
function openedOf(request: object): Opened {
  const attachment = outermostOf(request)
  if (!attachment) throw unknownRequest(request)
  attachment.jar ??= openedFor(attachment.exchange)
  return attachment.jar as Opened
}

function openedFor(exchange: Exchange): Opened {
  const state: JarState = {
    exchange,
    changes: new Map(),
    lines: new Map(),
    read: false,
    attached: false,
    leaving: false,
  }
  return { state, jar: new Jar(state) }
}
