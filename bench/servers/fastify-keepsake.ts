import { fastifySessions } from '../../src/adapters/fastify.ts'
import { serveFastify, userOf } from './fastify-app.ts'
import { keepsakeSessions, visitsOf } from './keepsake-sessions.ts'

const sessions = await keepsakeSessions()
const { login, read, write } = visitsOf(sessions)

await serveFastify(async fastify => fastify.register(fastifySessions, { sessions }), {
  login: request => login(request, userOf(request)),
  read,
  write,
})
