import { koaSessions } from '../../src/adapters/koa.ts'
import { keepsakeSessions, visitsOf } from './keepsake-sessions.ts'
import { serveKoa, userOf } from './koa-app.ts'

const sessions = await keepsakeSessions()
const { login, read, write } = visitsOf(sessions)

serveKoa(() => [koaSessions(sessions)], { login: ctx => login(ctx, userOf(ctx)), read, write })
