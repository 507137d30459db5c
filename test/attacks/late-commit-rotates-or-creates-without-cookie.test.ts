import type { ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions } from '../../src/create-sessions.ts'
import type { Session } from '../../src/session/session.ts'
import { type Listening, listen } from '../support/listen.ts'
import { StoryStore } from './kit.ts'

type D = { a: number; b: number }
async function serve(
  page: (s: Session<D>, res: ServerResponse) => unknown,
  store = new StoryStore(),
): Promise<Listening> {
  const sessions = createSessions<D>({ store })
  return listen(
    nodeSessions(sessions, async (req, res) => {
      const s = await sessions.of(req)
      if (req.url === '/read') return res.end(JSON.stringify(s))
      if (req.url === '/begin') return res.end(String(s.set('a', 1)))
      return page(s, res)
    }),
  )
}
const begin = async (server: Listening) => (await server.fetch('/begin')).headers.getSetCookie()[0]?.split(';')[0] ?? ''

it('a 500 with a rotation, then a late change: the visitor is logged out (new token never sent)', async () => {
  const server = await serve((s, res) => {
    s.rotate()
    res.statusCode = 500
    res.write('x')
    s.set('b', 2)
    res.end()
  })
  const cookie = await begin(server)
  const answer = await server.fetch('/', { headers: { cookie } })
  await answer.text()
  expect(answer.headers.getSetCookie()).toEqual([])
  expect(await (await server.fetch('/read', { headers: { cookie } })).json()).toMatchObject({ a: 1 })
  await server.close()
})

it('what a failed answer was not to save is saved with a late change', async () => {
  const server = await serve((s, res) => {
    s.set('a', 666)
    res.statusCode = 500
    res.write('x')
    s.set('b', 2)
    res.end()
  })
  const cookie = await begin(server)
  await (await server.fetch('/', { headers: { cookie } })).text()
  expect(await (await server.fetch('/read', { headers: { cookie } })).json()).toMatchObject({ a: 1 })
  await server.close()
})

it('commit by hand after a failed answer makes a record that nobody can reach, and says that all is well', async () => {
  const store = new StoryStore()
  let outcome: unknown
  const server = await serve(async (s, res) => {
    s.set('a', 1)
    res.statusCode = 500
    res.end('x')
    await new Promise(resolve => res.once('close', resolve))
    outcome = await s.commit().then(
      () => 'saved',
      error => error.code,
    )
  }, store)
  await (await server.fetch('/')).text()
  await new Promise(resolve => setTimeout(resolve, 30))
  expect(store.calls).not.toContain('create')
  expect(outcome).toBe('HEADERS_SENT')
  await server.close()
})

it('a first change after the headers is refused where it is made, also if clear() left nothing to save before them', async () => {
  let thrown: unknown
  const server = await serve((s, res) => {
    s.clear()
    res.write('x')
    try {
      s.set('a', 1)
    } catch (error) {
      thrown = error
    }
    res.end('y')
  })
  expect(await (await server.fetch('/')).text()).toBe('xy')
  expect(thrown).toMatchObject({ code: 'HEADERS_SENT' })
  await server.close()
})
