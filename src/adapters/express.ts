import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Sessions } from '../session/sessions.ts'
import { NodeExchange } from './node-exchange.ts'

/**
 * Sessions for Express 4 and 5, and for whatever takes Connect's middleware. When a session cannot be saved, the error goes
 * to the program's error handlers as any other does, with `status` 503 or 409.
 *
 * @example
 * app.use(expressSessions(sessions))
 * app.get('/', async (req, res) => {
 *   const session = await sessions.of(req)
 *   res.send(`visit ${session.update('visits', (n = 0) => n + 1)}`)
 * })
 */
export function expressSessions<Data extends object>(
  sessions: Sessions<Data>,
): (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void {
  return (req, res, next) => {
    sessions.attach(req, new NodeExchange(req, res, next))
    next()
  }
}
