import type { Context } from 'koa'
import koaSession from 'koa-session'
import { serveKoa, userOf } from './koa-app.ts'
import { type Visitor, visitorNamed } from './visitor.ts'

// As its Readme advises for production.
const options = { maxAge: 14 * 86_400_000, httpOnly: true, signed: true, secure: true, sameSite: 'lax' }

const sessionOf = ({ session }: Context): Visitor => session as unknown as Visitor

serveKoa(app => [koaSession(options, app)], {
  login(ctx) {
    Object.assign(sessionOf(ctx), visitorNamed(userOf(ctx)))
    return 'in'
  },
  read: ctx => sessionOf(ctx).user,
  write: ctx => String(++sessionOf(ctx).visits),
})
