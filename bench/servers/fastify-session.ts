import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import type { FastifyRequest } from 'fastify'
import { serveFastify, userOf } from './fastify-app.ts'
import { addressOf, settings } from './serve.ts'
import { type Visitor, visitorNamed } from './visitor.ts'

// As its README advises for production. `rolling` would save the session and send its cookie at every request.
const options: fastifySession.FastifySessionOptions = {
  secret: 'a secret of thirty-two characters',
  saveUninitialized: false,
  rolling: false,
  cookie: { secure: true, httpOnly: true, sameSite: 'lax', maxAge: 14 * 86_400_000 },
}

/** Other plugins' types claim the name `session` as well. */
interface VisitorSession extends Visitor {
  regenerate(): Promise<void>
}

const sessionOf = (request: FastifyRequest): VisitorSession => request.session as unknown as VisitorSession

/** Any store of express-session will do; without one, sessions stay in memory. */
async function storeOptions(): Promise<Pick<fastifySession.FastifySessionOptions, 'store'>> {
  if (settings.store !== 'redis') return {}
  const [{ createClient }, { RedisStore }] = await Promise.all([import('redis'), import('connect-redis')])
  const client = await createClient({ socket: addressOf('redis') }).connect()
  return { store: new RedisStore({ client }) as unknown as fastifySession.SessionStore }
}

await serveFastify(
  async fastify => {
    await fastify.register(fastifyCookie)
    await fastify.register(fastifySession, { ...options, ...(await storeOptions()) })
  },
  {
    async login(request) {
      await sessionOf(request).regenerate()
      Object.assign(sessionOf(request), visitorNamed(userOf(request)))
      return 'in'
    },
    read: (request, reply) => void reply.send(sessionOf(request).user),
    write: (request, reply) => void reply.send(String(++sessionOf(request).visits)),
  },
)
