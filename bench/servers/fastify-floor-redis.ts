import { createClient } from 'redis'
import { serveFastify } from './fastify-app.ts'
import { addressOf } from './serve.ts'
import { nextText } from './visitor.ts'

const client = await createClient({ socket: addressOf('redis') }).connect()
await client.set('fastify-floor', nextText())

// Nothing is parsed, checked or computed: this is what the driver alone costs.
await serveFastify(async () => undefined, {
  login: (_request, reply) => void reply.send('in'),
  async read() {
    await client.get('fastify-floor')
    return 'user-0'
  },
  async write() {
    await client.get('fastify-floor')
    await client.set('fastify-floor', nextText())
    return '1234'
  },
})
