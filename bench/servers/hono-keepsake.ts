import { honoSessions } from '../../src/adapters/hono.ts'
import { serveHono, userOf } from './hono-app.ts'
import { keepsakeSessions, visitsOf } from './keepsake-sessions.ts'

const sessions = await keepsakeSessions()
const { login, read, write } = visitsOf(sessions)

serveHono([honoSessions(sessions)], {
  login: async c => c.text(await login(c, userOf(c))),
  read: async c => c.text(await read(c)),
  write: async c => c.text(await write(c)),
})
