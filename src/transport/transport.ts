import type { Exchange } from '../adapters/exchange.ts'

/**
 * How a request's session came: `by itself`, so that a page of another site may have made the browser send it; `on purpose`, in a
 * header that no browser adds; or `not at all`, where it can come in such a header only, and did not.
 */
export type Carriage = 'by itself' | 'on purpose' | 'not at all'

/** How the value that leads to a session comes in and goes out: in a cookie, unless the program chose a header. */
export interface Transport {
  /**
   * Whether browsers never send it by themselves, as they send cookies and `Basic` credentials: so that a page of another site
   * may send it only where CORS lets it. @default false
   */
  readonly onPurpose?: boolean
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
