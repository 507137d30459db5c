import { expect, it } from 'vitest'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { listen } from '../support/listen.ts'

it('set, write, set: throws HEADERS_SENT for a first visit only, although its cookie is on the way (and an uncaught one ends the process)', async () => {
  const sessions = createSessions<{ a: number; b: number }>({ store: memoryStore() })
  let code: unknown = 'none'
  const server = await listen(
    nodeSessions(sessions, async (req, res) => {
      const s = await sessions.of(req)
      s.set('a', 1)
      res.write('x')
      try {
        s.set('b', 2)
      } catch (error) {
        code = (error as { code: string }).code
      }
      res.end()
    }),
  )
  await (await server.fetch('/')).text()
  await server.close()
  expect(code).toBe('none')
})
