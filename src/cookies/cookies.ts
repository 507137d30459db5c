import type { KeyRing } from '../crypto/key-ring.ts'
import { exchangeOf } from './exchanges.ts'
import { Jar, type JarState } from './jar.ts'
import { KeyedJar } from './keyed-jar.ts'
import { unknownRequest } from './unknown-request.ts'

const states = new WeakMap<object, JarState>()
const jars = new WeakMap<JarState, Jar>()

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
  const state = stateOf(request)
  if (keys) return new KeyedJar(state, keys, clock)
  const jar = jars.get(state) ?? new Jar(state)
  jars.set(state, jar)
  return jar
}

function stateOf(request: object): JarState {
  const exchange = exchangeOf(request)
  if (!exchange) throw unknownRequest(request)
  const known = states.get(exchange)
  if (known) return known
  const state: JarState = {
    exchange,
    changes: new Map(),
    lines: new Map(),
    read: false,
    attached: false,
    leaving: false,
  }
  states.set(exchange, state)
  return state
}
