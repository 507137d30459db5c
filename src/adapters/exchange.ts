/** What runs before the headers leave; undefined: it is done already. */
export type BeforeHeaders = (status: number) => Promise<void> | undefined

/**
 * What an adapter supplies: one request and its response, as far as a session and cookies have business with them. An adapter
 * makes one for each request and hands it to `sessions.attach`; nothing of it is called until the program asks for either.
 */
export interface Exchange {
  /** The `Cookie` header, several of them joined with `; `. */
  readonly cookieHeader: string | undefined
  readonly method: string
  /** The path and query that were asked for. */
  readonly target: string
  /** Whether the request came over https, as far as this server can see. */
  readonly secure: boolean
  /** The client's address as the server sees it, or as the framework reads it from proxies that it trusts; undefined if unknown. */
  readonly address: string | undefined
  /** A request header, several lines joined. The name is in lower case. */
  requestHeader(name: string): string | undefined
  /** Whether the response's headers have left, or are held back only for the session to be saved. */
  readonly headersSent: boolean
  /**
   * A response header as it stands, several lines joined with `, `, however its name was spelled when it was set. The name is in lower
   * case, by which Node finds it soonest.
   */
  getHeader(name: string): string | undefined
  setHeader(name: string, value: string): void
  /** Adds a line: other lines of the same name stay. */
  appendHeader(name: string, value: string): void
  /**
   * Runs this when the headers are about to leave, with the status that they will carry, and holds back every byte until it
   * is done. If it rejects, the program's response is dropped, with the headers that were added to it here, and the
   * framework's error answer takes its place; for that, it runs again. What is given by later calls runs as well, in the order
   * of the calls, and whether or not an earlier one rejects. What gives undefined has nothing to wait for.
   */
  beforeHeaders(run: BeforeHeaders): void
  /** After the headers have left: runs this when the response ends, and before it has ended if the adapter can hold it. */
  beforeEnd(run: () => Promise<void>): void
}
