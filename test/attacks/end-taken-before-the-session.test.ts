import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { StoryStore } from '../../src/testing/adapter-contract/story-store.ts'
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

  it.each([
    ['the headers', false],
    ['the headers, with a session of other Sessions,', true],
  ])('after %s have left, is answered to its end only when it is saved', async (_what, withOthers) => {
    const store = new StoryStore()
    const others = createSessions({ store: new StoryStore(), cookie: { name: 'other', secure: false } })
    const sessions = createSessions<{ count: number }>({ store, cookie: { secure: false } })
    const page = async (req: IncomingMessage): Promise<string> => {
      const session = await sessions.of(req)
      return `visit ${session.update('count', (n = 0) => n + 1)}`
    }
    const server = await listen(
      nodeSessions(others, (req, res) =>
        nodeSessions(sessions, async () => {
          if (withOthers) await others.of(req)
          if (req.url === '/streamed') res.write('here is ')
          res.end(await page(req))
        })(req, res),
      ),
    )
    try {
      const first = await server.fetch('/')
      const gate = store.holdBack('replace')
      const headers = { Cookie: first.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
      const streamed = server.fetch('/streamed', { headers }).then(response => response.text())
      await gate.arrived
      await (await server.fetch('/')).text()
      expect(await Promise.race([streamed, Promise.resolve('still waiting')])).toBe('still waiting')
      gate.open()
      expect(await streamed).toBe('here is visit 2')
    } finally {
      await server.close()
    }
  })
})
