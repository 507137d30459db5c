import { DatabaseSync } from 'node:sqlite'
import { createSessions } from 'keepsake'
import { databaseStore } from 'keepsake/stores/database'

interface Visitor {
  visits: number
  cart: string[]
}

const store = databaseStore(new DatabaseSync(process.env.DATABASE ?? 'example.db'))
await store.migrate()
// On localhost there is no https, which the cookie otherwise asks for.
export const sessions = createSessions<Visitor>({ store, cookie: { secure: process.env.NODE_ENV === 'production' } })
