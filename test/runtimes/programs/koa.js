import { createServer } from 'node:http'
import { koaSessions } from 'keepsake/koa'
import Koa from 'koa'
import { answer, sessions } from './site.js'

const app = new Koa()
app.silent = true
app.use(koaSessions(sessions))
app.use(async ctx => {
  ctx.body = await answer(ctx, ctx.path)
})

export const server = () => createServer(app.callback())
