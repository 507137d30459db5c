import { expect, it } from 'vitest'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { listen } from '../support/listen.ts'
import { StoryStore, siteOf } from './kit.ts'

it('a logout while the first commit of a new session runs: the session lives on and its cookie is sent', async () => {
  const { browser } = siteOf()
  await browser.visit(async s => {
    s.set('secret', 1)
    const saving = s.commit()
    s.destroy()
    await saving
  })
  expect(await browser.see()).toEqual({ user: null })
})

it('the same on node:http, with nothing but the automatic commit', async () => {
  const store = new StoryStore()
  const gate = store.holdBack('create')
  const sessions = createSessions<{ secret: number }>({ store })
  const server = await listen(
    nodeSessions(sessions, async (req, res) => {
      const s = await sessions.of(req)
      if (req.url === '/read') {
        res.end(String(s.get('secret')))
        return
      }
      s.set('secret', 1)
      res.write('x')
      await gate.arrived
      s.destroy()
      res.end()
      gate.open()
    }),
  )
  const first = await server.fetch('/')
  await first.text()
  const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  expect(await (await server.fetch('/read', { headers: { cookie } })).text()).toBe('undefined')
  await server.close()
})

it('a logout while a rotation is saved: the rotated record stays in the store, and the program sees the old user again', async () => {
  const store = memoryStore()
  const { browser } = siteOf(store as never)
  await browser.visit(s => s.rotate({ userId: 'ada' }))
  let userId: unknown
  await browser.visit(async s => {
    s.rotate()
    const saving = s.commit()
    s.destroy()
    await saving
    userId = s.userId
  })
  expect({ userId, left: (await createSessions({ store }).list('ada')).length }).toEqual({
    userId: null,
    left: 0,
  })
})
