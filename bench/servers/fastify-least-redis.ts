import { createClient } from 'redis'
import { serveFastify } from './fastify-app.ts'
import { idOf, type LeastVisitor } from './least.ts'
import { addressOf } from './serve.ts'
import { nextText } from './visitor.ts'

const client = await createClient({ socket: addressOf('redis') }).connect()

async function load(id: string): Promise<LeastVisitor> {
  return JSON.parse((await client.get(id)) ?? nextText())
}

// The raw calls, the hash of the token and the text of the record. Nothing is checked, compared, or held back until it is saved.
await serveFastify(async () => undefined, {
  login: (_request, reply) => void reply.send('in'),
  async read(request) {
    const session = await load(idOf(request.headers.cookie))
    return session.user
  },
  async write(request) {
    const id = idOf(request.headers.cookie)
    const session = await load(id)
    session.visits++
    await client.set(id, JSON.stringify(session))
    return String(session.visits)
  },
})
