import { withSessions } from '../../src/adapters/fetch.ts'
import { fetchRoutes, serveFetch, userOf } from './fetch-app.ts'
import { beginVisit, keepsakeSessions } from './keepsake-sessions.ts'

const sessions = await keepsakeSessions()

const handler = fetchRoutes({
  async login(request) {
    beginVisit(await sessions.of(request), userOf(request))
    return new Response('in')
  },
  async read(request) {
    const session = await sessions.of(request)
    return new Response(session.get('user'))
  },
  async write(request) {
    const session = await sessions.of(request)
    return new Response(String(session.update('visits', (n = 0) => n + 1)))
  },
})
serveFetch(withSessions(sessions, handler))
