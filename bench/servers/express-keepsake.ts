import { expressSessions } from '../../src/adapters/express.ts'
import { expressApp, userOf } from './express-app.ts'
import { beginVisit, keepsakeSessions } from './keepsake-sessions.ts'
import { serve } from './serve.ts'

const sessions = await keepsakeSessions()

const app = expressApp([expressSessions(sessions)], {
  async login(req, res) {
    beginVisit(await sessions.of(req), userOf(req))
    res.send('in')
  },
  async read(req, res) {
    const session = await sessions.of(req)
    res.send(session.get('user'))
  },
  async write(req, res) {
    const session = await sessions.of(req)
    res.send(String(session.update('visits', (n = 0) => n + 1)))
  },
})
serve(app)
