import { expect, it } from 'vitest'
import { withSessions } from '../../src/adapters/fetch.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { StoryStore } from './kit.ts'

const R = (cookie?: string) => new Request('https://a/', cookie ? { headers: { cookie } } : {})
it('Response.error() is handed on, as it is without a session', async () => {
  const sessions = createSessions({ store: new StoryStore() })
  const handle = withSessions(sessions, async r => {
    await sessions.of(r)
    return Response.error()
  })
  expect((await handle(R())).type).toBe('error')
})
it('undefined (Bun after server.upgrade) is handed on, as it is without a session', async () => {
  const sessions = createSessions({ store: new StoryStore() })
  const handle = withSessions(sessions, async r => {
    await sessions.of(r)
    return undefined as never
  })
  expect(await handle(R())).toBe(undefined)
})
it('a Keepsake error of the handler and a logout that fails: still an answer with 503', async () => {
  const store = new StoryStore()
  const sessions = createSessions<{ a: unknown }>({ store })
  const begin = await withSessions(sessions, async r => {
    ;(await sessions.of(r)).set('a', 1)
    return new Response('')
  })(R())
  const cookie = begin.headers.getSetCookie()[0]?.split(';')[0]
  store.breakDown('delete')
  const handle = withSessions(sessions, async r => {
    const s = await sessions.of(r)
    s.destroy()
    s.set('a', new Date())
    return new Response('')
  })
  expect((await handle(R(cookie)).catch(e => ({ status: `rejected ${e.code}` }))).status).toBe(503)
})
it('the same Request handled twice (a retry): the second answer saves and sets its cookie', async () => {
  const sessions = createSessions<{ a: number }>({ store: new StoryStore() })
  const handle = withSessions(sessions, async r => {
    const s = await sessions.of(r)
    s.update('a', (n = 0) => n + 1)
    return new Response('x')
  })
  const r = R()
  await handle(r)
  const second = await handle(r)
  expect(second.headers.get('vary')).toBe('Cookie')
})
