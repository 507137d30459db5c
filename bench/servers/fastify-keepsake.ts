import { fastifySessions } from '../../src/adapters/fastify.ts'
import { serveFastify, userOf } from './fastify-app.ts'
import { beginVisit, keepsakeSessions } from './keepsake-sessions.ts'

const sessions = await keepsakeSessions()

await serveFastify(async fastify => fastify.register(fastifySessions, { sessions }), {
  async login(request) {
    beginVisit(await sessions.of(request), userOf(request))
    return 'in'
  },
  async read(request) {
    const session = await sessions.of(request)
    return session.get('user', '')
  },
  async write(request) {
    const session = await sessions.of(request)
    return String(session.update('visits', (n = 0) => n + 1))
  },
})
