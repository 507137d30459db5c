import { Readable } from 'node:stream'
import Koa from 'koa'
import { describe, it } from 'vitest'
import { listen } from '../../test/support/listen.ts'
import { describeAdapter } from '../testing/describe-adapter.ts'
import { koaSessions } from './koa.ts'

describeAdapter(
  'koaSessions',
  ({ sessions, answer }) => {
    const app = new Koa()
    app.silent = true
    app.use(koaSessions(sessions))
    app.use(async ctx => {
      const { status, headers, body } = await answer(ctx, ctx.path)
      ctx.status = status
      for (const [name, value] of headers) ctx.append(name, value)
      ctx.body = typeof body === 'string' ? body : Readable.from(body)
    })
    return listen(app.callback())
  },
  { describe, it },
)
