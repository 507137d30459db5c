import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

/** What a variant has to show: each handler ends the answer. */
export interface Routes {
  /** Begins a session for the visitor `user` of the query, and answers with any text. */
  readonly login: Handler
  /** Answers with the user's name, from the session. */
  readonly read: Handler
  /** Counts a visit in the session, and answers with the number. */
  readonly write: Handler
}

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown

/** The same routes in every variant, for `node:http` as it is. */
export function nodeRoutes({ login, read, write }: Routes): RequestListener {
  const routes: Record<string, Handler> = {
    '/untouched': (_req, res) => void res.end('nothing'),
    '/read': read,
    '/write': write,
  }
  return (req, res) => (routes[req.url ?? ''] ?? login)(req, res)
}

/** Who logs in. */
export function userOf({ url = '' }: IncomingMessage): string {
  return new URL(url, 'http://localhost').searchParams.get('user') ?? ''
}
