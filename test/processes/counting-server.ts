// One process of a site with several: counts in a session that rests in the SQLite file named by the argument.
import { DatabaseSync } from 'node:sqlite'
import express, { type ErrorRequestHandler } from 'express'
import { expressSessions } from '../../src/adapters/express.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { databaseStore } from '../../src/stores/database/database-store.ts'

const store = databaseStore(new DatabaseSync(process.argv[2] ?? ''))
await store.migrate()
const sessions = createSessions<{ count: number }>({ store, cookie: { secure: false } })

const app = express()
app.use(expressSessions(sessions))
app.get('/count', async (req, res) => {
  const session = await sessions.of(req)
  // Gives the other requests time to read the same record before this one writes.
  await new Promise(resolve => setImmediate(resolve))
  res.json(session.update('count', (n = 0) => n + 1))
})
app.get('/read', async (req, res) => {
  res.json((await sessions.of(req)).get('count', 0))
})
app.use(((error, _req, res, _next) => {
  res.status(error.status ?? 500).json(String(error))
}) satisfies ErrorRequestHandler)

const server = app.listen(0, '127.0.0.1', () => process.send?.(server.address()))
process.on('disconnect', () => process.exit())
