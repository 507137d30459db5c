import { createSessions } from 'keepsake'
import { nextSessions } from 'keepsake/next'
import { memoryStore } from 'keepsake/stores/memory'
import { same } from './visitor.js'

/** What `next/headers` gives within one request. */
function request(sent) {
  const jar = {
    getAll: () => Object.entries(sent).map(([name, value]) => ({ name, value })),
    set: ({ name, value }) => Object.assign(sent, { [name]: value }),
  }
  return { cookies: async () => jar, headers: async () => new Headers() }
}

export async function run() {
  const sessions = createSessions({ store: memoryStore() })
  const sent = {}
  const count = session => session.update('visits', (n = 0) => n + 1)
  for (const visits of [1, 2]) {
    same(await nextSessions(sessions, request(sent)).withSession(count), visits, 'what an action counts')
  }
  const page = await nextSessions(sessions, request(sent)).readSession()
  same(page.get('visits'), 2, 'what a component shows')
}
