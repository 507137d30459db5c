import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, createServer } from 'node:http2'
import { expect, it } from 'vitest'
import { nodeSessions } from '../../adapters/node.ts'
import { createSessions } from '../../create-sessions.ts'
import { memoryStore } from '../../stores/memory.ts'
import { createAuth } from '../create-auth.ts'
import { memoryUsers } from '../users/memory-users.ts'

it.each([
  ['its own page', 200, (origin: string) => origin],
  ['a page elsewhere', 403, () => 'https://evil.example'],
])('over HTTP/2, which has no Host header, a site hears from %s: %i', async (_whose, status, originOf) => {
  const sessions = createSessions({ store: memoryStore(), cookie: { secure: false } })
  const auth = createAuth({
    ...{ sessions, users: memoryUsers(), secure: false, secrets: 'p7Qm0Zt1Yx8Rk3Vw5Ns2Jb6Lc9Hd4Gf0' },
  })
  const handler = nodeSessions(sessions, async (req, res) => {
    await auth.requireSameSite(req)
    res.end()
  })
  // What nodeSessions uses of a request and a response, those of HTTP/2 have too.
  const server = createServer((req: unknown, res: unknown) => handler(req as IncomingMessage, res as ServerResponse))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' && address?.port}`
  const client = connect(origin)
  try {
    const stream = client.request({ ':method': 'POST', origin: originOf(origin) }).end()
    const [headers] = await once(stream, 'response')
    expect(headers[':status']).toBe(status)
    stream.resume()
    await once(stream, 'close')
  } finally {
    client.destroy()
    server.close()
  }
})
