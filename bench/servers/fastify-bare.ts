import { serveFastify } from './fastify-app.ts'

await serveFastify(async () => undefined, {
  login: (_request, reply) => void reply.send('in'),
  read: (_request, reply) => void reply.send('user-0'),
  write: (_request, reply) => void reply.send('1234'),
})
