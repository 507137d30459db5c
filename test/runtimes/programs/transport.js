import { createSessions } from 'keepsake'
import { withSessions } from 'keepsake/fetch'
import { memoryStore } from 'keepsake/stores/memory'
import { bearer, header } from 'keepsake/transport'
import { same } from './visitor.js'

export async function run() {
  await visitWith(header('X-Session'), token => ({ 'X-Session': token }), 'X-Session')
  await visitWith(bearer(), token => ({ Authorization: `Bearer ${token}` }), 'Session-Token')
}

async function visitWith(transport, headersFor, answerHeader) {
  const sessions = createSessions({ store: memoryStore(), transport })
  const handler = withSessions(sessions, async request => {
    const session = await sessions.of(request)
    return new Response(String(session.update('visits', (n = 0) => n + 1)))
  })
  const first = await handler(new Request('https://localhost/'))
  const headers = headersFor(first.headers.get(answerHeader))
  const second = await handler(new Request('https://localhost/', { headers }))
  same([await first.text(), await second.text()], ['1', '2'], 'two visits')
}
