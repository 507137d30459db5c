import { createServer } from 'node:http'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'

const sessions = createSessions({ store: memoryStore() })
const server = createServer(
  nodeSessions(sessions, async (req, res) => {
    const s = await sessions.of(req)
    s.set('a', 1)
    res.write('part 1')
    s.set('b', 2)
    res.end('part 2')
  }),
)
server.listen(0, async () => {
  console.log((await fetch(`http://127.0.0.1:${(server.address() as { port: number }).port}`)).status)
  process.exit(0)
})
