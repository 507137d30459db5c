import { honoSessions } from '../../src/adapters/hono.ts'
import { serveHono, userOf } from './hono-app.ts'
import { beginVisit, keepsakeSessions } from './keepsake-sessions.ts'

const sessions = await keepsakeSessions()

serveHono([honoSessions(sessions)], {
  async login(c) {
    beginVisit(await sessions.of(c), userOf(c))
    return c.text('in')
  },
  async read(c) {
    const session = await sessions.of(c)
    return c.text(session.get('user', ''))
  },
  async write(c) {
    const session = await sessions.of(c)
    return c.text(String(session.update('visits', (n = 0) => n + 1)))
  },
})
