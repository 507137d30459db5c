import express, { type Express, type RequestHandler } from 'express'

/** What a variant has to show. Each handler answers with `res.send`. */
export interface Routes {
  /** Begins a session for the visitor `req.query.user`. */
  readonly login: RequestHandler
  /** Answers with the user's name, from the session. */
  readonly read: RequestHandler
  /** Counts a visit in the session, and answers with the number. */
  readonly write: RequestHandler
}

/** An app with the same routes in every variant: only the middleware and what the routes do differ. */
export function expressApp(middleware: readonly RequestHandler[], { login, read, write }: Routes): Express {
  const app = express()
  app.set('trust proxy', 1)
  for (const use of middleware) app.use(use)
  app.get('/untouched', (_req, res) => void res.send('nothing'))
  app.get('/read', read)
  app.get('/write', write)
  app.get('/login', login)
  return app
}

/** Who logs in. */
export function userOf({ query }: Parameters<RequestHandler>[0]): string {
  return String(query.user)
}
