import { createSessions } from 'keepsake'
import { databaseStore } from 'keepsake/stores/database'
import { same, tellStory } from './visitor.js'

export async function run() {
  const { DatabaseSync } = await import('node:sqlite')
  const store = databaseStore(new DatabaseSync(':memory:'))
  await store.migrate()
  const sessions = createSessions({ store })
  await tellStory(sessions)
  same(await sessions.clearExpired(), 0, 'the number of expired sessions')
}
