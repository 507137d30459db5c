import { serve } from '@hono/node-server'
import { ready } from './serve.ts'

/** What a variant has to show. */
export interface Routes {
  /** Begins a session for the visitor `user` of the query, and answers with any text. */
  readonly login: Handler
  /** Answers with the user's name, from the session. */
  readonly read: Handler
  /** Counts a visit in the session, and answers with the number. */
  readonly write: Handler
}

type Handler = (request: Request) => Response | Promise<Response>

/** The same routes in every variant, as a `fetch` handler. */
export function fetchRoutes({ login, read, write }: Routes): Handler {
  const routes: Record<string, Handler> = {
    '/untouched': () => new Response('nothing'),
    '/read': read,
    '/write': write,
  }
  return request => (routes[request.url.slice(request.url.indexOf('/', 8))] ?? login)(request)
}

/** On Node, by the server that Hono has for it: Node itself has none for such handlers. */
export function serveFetch(fetch: Handler): void {
  serve({ fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => ready(port))
}

/** Who logs in. */
export function userOf({ url }: Request): string {
  return new URL(url).searchParams.get('user') ?? ''
}
