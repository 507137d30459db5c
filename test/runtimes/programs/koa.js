import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { koaSessions } from 'keepsake/koa'
import Koa from 'koa'
import { answer, sessions } from './site.js'

const app = new Koa()
app.silent = true
app.use(koaSessions(sessions))
app.use(async ctx => {
  const answered = await answer(ctx, ctx.path)
  ctx.body = typeof answered === 'string' ? answered : Readable.from(answered)
})

export const server = () => createServer(app.callback())
