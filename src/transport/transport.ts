import type { Exchange } from '../adapters/exchange.ts'

/** How the value that leads to a session comes in and goes out: in a cookie, unless the program chose a header. */
export interface Transport {
  /** The request headers on which the answer depends: caches keep visitors apart by them (CVE-2023-30861). */
  readonly varyBy: readonly string[]
  /** The different values that a request carries. More than one cannot be told apart, and is none, unless each is tried. */
  values(exchange: Exchange): readonly string[]
  /** Whether others can add a value beside ours: each is then tried, and the only one that leads to a session counts. @default false */
  readonly triesEach?: boolean
  /** Sends a value. `maxAge` is in seconds, or null: until the browser closes. */
  send(exchange: Exchange, value: string, maxAge: number | null): void
  /** Makes the client forget the value that its request carried, if any, and tells whether there was something to say. */
  forget(exchange: Exchange): boolean
}
