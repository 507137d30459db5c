import { koaSessions } from '../../src/adapters/koa.ts'
import { beginVisit, keepsakeSessions } from './keepsake-sessions.ts'
import { serveKoa, userOf } from './koa-app.ts'

const sessions = await keepsakeSessions()

serveKoa(() => [koaSessions(sessions)], {
  async login(ctx) {
    beginVisit(await sessions.of(ctx), userOf(ctx))
    return 'in'
  },
  async read(ctx) {
    const session = await sessions.of(ctx)
    return session.get('user', '')
  },
  async write(ctx) {
    const session = await sessions.of(ctx)
    return String(session.update('visits', (n = 0) => n + 1))
  },
})
