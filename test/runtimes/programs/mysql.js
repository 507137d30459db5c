import { createSessions } from 'keepsake'
import { databaseStore } from 'keepsake/stores/database'
import mysql from 'mysql2/promise'
import { tellStory } from './visitor.js'

export async function run({ mariadb }) {
  // workerd makes no functions from text.
  const isWorkerd = navigator.userAgent === 'Cloudflare-Workers'
  const pool = mysql.createPool({ ...mariadb, disableEval: isWorkerd })
  const store = databaseStore(pool)
  await store.migrate()
  await tellStory(createSessions({ store }))
  await pool.end()
  return isWorkerd ? 'with `disableEval: true`' : ''
}
