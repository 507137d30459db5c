import { randomBytes } from 'node:crypto'
import fastifySecureSession from '@fastify/secure-session'
import type { FastifyRequest } from 'fastify'
import { serveFastify, userOf } from './fastify-app.ts'
import { type Visitor, visitorNamed } from './visitor.ts'

// As its README advises for production.
const options = {
  key: randomBytes(32),
  expiry: 14 * 86_400,
  cookie: { path: '/', secure: true, httpOnly: true, sameSite: 'lax', maxAge: 14 * 86_400 },
} as const

/** Other plugins' types claim the name `session` as well. */
const sessionOf = (request: FastifyRequest): fastifySecureSession.Session<Visitor> =>
  request.session as unknown as fastifySecureSession.Session<Visitor>

await serveFastify(async fastify => fastify.register(fastifySecureSession, options), {
  login(request, reply) {
    const session = sessionOf(request)
    session.regenerate()
    const { user, visits, note } = visitorNamed(userOf(request))
    session.set('user', user)
    session.set('visits', visits)
    session.set('note', note)
    reply.send('in')
    return undefined
  },
  read: (request, reply) => void reply.send(sessionOf(request).get('user')),
  write(request, reply) {
    const visits = (sessionOf(request).get('visits') ?? 0) + 1
    sessionOf(request).set('visits', visits)
    reply.send(String(visits))
    return undefined
  },
})
