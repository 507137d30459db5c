import { createSessions } from 'keepsake'
import { memoryStore } from 'keepsake/stores/memory'
import { same, tellStory } from './visitor.js'

const sessions = createSessions({ store: memoryStore() })

export async function run() {
  await tellStory(sessions)
  await tellStory(createSessions({ store: memoryStore() }))
  same(await sessions.revokeAll('ada'), 0, 'the number of sessions after the logout')
  same(await sessions.clearExpired(), 0, 'the number of expired sessions')
}
