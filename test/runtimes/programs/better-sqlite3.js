import Database from 'better-sqlite3'
import { createSessions } from 'keepsake'
import { databaseStore } from 'keepsake/stores/database'
import { tellStory } from './visitor.js'

export async function run() {
  const store = databaseStore(new Database(':memory:'))
  await store.migrate()
  await tellStory(createSessions({ store }))
}
