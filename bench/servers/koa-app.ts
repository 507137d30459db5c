import Koa, { type Context, type Middleware } from 'koa'
import { serve } from './serve.ts'

/** What a variant has to show: each gives the body of its answer. */
export interface Routes {
  /** Begins a session for the visitor `ctx.query.user`. */
  readonly login: Handler
  /** Answers with the user's name, from the session. */
  readonly read: Handler
  /** Counts a visit in the session, and answers with the number. */
  readonly write: Handler
}

type Handler = (ctx: Context) => string | Promise<string>

/** Serves the same routes in every variant: only the middleware and what the routes do differ. Koa itself has no router. */
export function serveKoa(middlewareOf: (app: Koa) => readonly Middleware[], { login, read, write }: Routes): void {
  const app = new Koa({ proxy: true, maxIpsCount: 1 })
  app.keys = ['a secret of thirty-two characters']
  for (const use of middlewareOf(app)) app.use(use)
  const handlers = new Map<string, Handler>(
    Object.entries({ '/untouched': () => 'nothing', '/read': read, '/write': write, '/login': login }),
  )
  app.use(async ctx => {
    ctx.body = await handlers.get(ctx.path)?.(ctx)
  })
  serve(app.callback())
}

/** Who logs in. */
export function userOf({ query }: Context): string {
  return String(query.user)
}
