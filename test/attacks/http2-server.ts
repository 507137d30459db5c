import { connect, createServer } from 'node:http2'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'

const sessions = createSessions({ store: memoryStore() })
const server = createServer(
  nodeSessions(sessions, async (req, res) => {
    await sessions.of(req)
    res.end('hello')
  }) as never,
)
server.listen(0, () => {
  const client = connect(`http://127.0.0.1:${(server.address() as { port: number }).port}`)
  const stream = client.request({ ':path': '/' })
  stream.on('response', h => {
    console.log(h[':status'])
    process.exit(0)
  })
})
