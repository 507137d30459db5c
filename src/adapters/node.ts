import type { IncomingMessage, ServerResponse } from 'node:http'
import { isKeepsakeError } from '../errors.ts'
import type { Sessions } from '../session/sessions.ts'
import { answerError } from './answer-error.ts'
import { NodeExchange } from './node-exchange.ts'

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown

/**
 * Sessions for a plain `node:http` server. An error of Keepsake that the handler does not catch, or that comes when the
 * session is saved, is answered with its status; every other error is the handler's own.
 *
 * @example
 * createServer(nodeSessions(sessions, async (req, res) => {
 *   const session = await sessions.of(req)
 *   res.end(`visit ${session.update('visits', (n = 0) => n + 1)}`)
 * })).listen(3000)
 */
export function nodeSessions<Data extends object>(sessions: Sessions<Data>, handler: Handler): Handler {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const fail = (error: unknown): void => answerError(res, error)
    sessions.attach(req, new NodeExchange(req, res, fail))
    try {
      await handler(req, res)
    } catch (error) {
      if (!isKeepsakeError(error)) throw error
      if (!res.headersSent) fail(error)
      // The client can only be shown that something broke off. Status 500 is a fault of the handler, which it has to see.
      else if (error.status === 500) throw error
      else res.destroy(error)
    }
  }
}
