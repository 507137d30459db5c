import { createSessions } from 'keepsake'
import { withSessions } from 'keepsake/fetch'
import { memoryStore } from 'keepsake/stores/memory'
import { same, Visitor } from './visitor.js'

const sessions = createSessions({ store: memoryStore() })
const handler = withSessions(sessions, async request => {
  const session = await sessions.of(request)
  session.rotate({ userId: 'ada' })
  return new Response('hello')
})

export async function run() {
  const visitor = new Visitor(handler)
  await visitor.open('/')
  const Cookie = [...visitor.cookies].map(pair => pair.join('=')).join('; ')
  const opened = from => sessions.ofUpgrade(new Request('https://site.example/', { headers: { Cookie, Origin: from } }))
  same((await opened('https://evil.example')).userId, null, 'who opens a socket on a page of another site')
  const session = await opened('https://site.example')
  same(session.userId, 'ada', 'who opens a socket')
  const ended = new Promise(resolve => session.watch(resolve, { every: '5ms' }))
  await sessions.revokeAll('ada')
  // What watches keeps no process running.
  const stay = setTimeout(() => undefined, 20_000)
  await ended
  clearTimeout(stay)
  same(await session.hasEnded(), true, 'whether the session has ended')
}
