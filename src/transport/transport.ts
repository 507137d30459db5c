import type { Exchange } from '../adapters/exchange.ts'

/** How the value that leads to a session comes in and goes out: in a cookie, unless the program chose a header. */
export interface Transport {
  /** The request headers on which the answer depends: caches keep visitors apart by them (CVE-2023-30861). */
  readonly varyBy: readonly string[]
  /** The values that a request carries. More than one cannot be told apart, and is none. */
  values(exchange: Exchange): readonly string[]
  /** Sends a value. `maxAge` is in seconds, or null: until the browser closes. */
  send(exchange: Exchange, value: string, maxAge: number | null): void
  /** Makes the client forget the value that its request carried, if any, and tells whether there was something to say. */
  forget(exchange: Exchange): boolean
}
