import { createSessions } from 'keepsake'
import { databaseStore } from 'keepsake/stores/database'
import pg from 'pg'
import { tellStory } from './visitor.js'

export async function run({ postgres }) {
  const pool = new pg.Pool(postgres)
  const store = databaseStore(pool)
  await store.migrate()
  await tellStory(createSessions({ store }))
  await pool.end()
}
