import { describe, expect, it } from 'vitest'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { listen } from '../support/listen.ts'

describe('a page that asks for the session in the very call that answers', () => {
  // JavaScript takes the function `res.end` before it computes the argument: it is Node's own, of before the session was asked for.
  it('is saved and answered as any other', async () => {
    const sessions = createSessions<{ count: number }>({ store: memoryStore(), cookie: { secure: false } })
    const server = await listen(
      nodeSessions(sessions, async (req, res) => {
        res.end(`visit ${(await sessions.of(req)).update('count', (n = 0) => n + 1)}`)
      }),
    )
    try {
      const response = await server.fetch('/')
      expect(await response.text()).toBe('visit 1')
      expect(response.headers.getSetCookie()).toHaveLength(1)
    } finally {
      await server.close()
    }
  })
})
