import { nodeSessions } from '../../src/adapters/node.ts'
import { beginVisit, keepsakeSessions } from './keepsake-sessions.ts'
import { nodeRoutes, userOf } from './node-app.ts'
import { serve } from './serve.ts'

const sessions = await keepsakeSessions()

const listener = nodeRoutes({
  async login(req, res) {
    beginVisit(await sessions.of(req), userOf(req))
    res.end('in')
  },
  async read(req, res) {
    const session = await sessions.of(req)
    res.end(session.get('user'))
  },
  async write(req, res) {
    const session = await sessions.of(req)
    res.end(String(session.update('visits', (n = 0) => n + 1)))
  },
})
serve(nodeSessions(sessions, listener))
