import { serve } from '@hono/node-server'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
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

type Handler = (c: Context) => Response | Promise<Response>

/** Serves the same routes in every variant: only the middleware and what the routes do differ. */
export function serveHono(middleware: readonly MiddlewareHandler[], { login, read, write }: Routes): void {
  const app = new Hono()
  for (const use of middleware) app.use(use)
  app.get('/untouched', c => c.text('nothing'))
  app.get('/read', read)
  app.get('/write', write)
  app.get('/login', login)
  serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => ready(port))
}

/** Who logs in. */
export function userOf(c: Context): string {
  return c.req.query('user') ?? ''
}
