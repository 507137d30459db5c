import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Sessions } from '../session/sessions.ts'
import { NodeExchange } from './node-exchange.ts'

/** What is used of Koa's context, so that its types are not needed where it is not installed. */
interface ContextLike {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly ip: string
  readonly protocol: string
  onerror(error: Error): void
}

/**
 * Sessions for Koa 3. They are saved when Koa answers, after the last middleware: when that fails, the error goes to
 * `app.on('error')`, and Koa answers with its status, 503 or 409.
 *
 * @example
 * app.use(koaSessions(sessions))
 * app.use(async ctx => {
 *   const session = await sessions.of(ctx)
 *   ctx.body = `visit ${session.update('visits', (n = 0) => n + 1)}`
 * })
 */
export function koaSessions<Data extends object>(
  sessions: Sessions<Data>,
): (ctx: ContextLike, next: () => Promise<unknown>) => Promise<unknown> {
  return (ctx, next) => {
    const fail = (error: unknown): void => ctx.onerror(error as Error)
    sessions.attach(ctx.req, new NodeExchange(ctx.req, ctx.res, fail, ctx), ctx)
    return next()
  }
}
