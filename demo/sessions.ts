import { DatabaseSync } from 'node:sqlite'
import { createSessions, type Session, type Sessions, type SweptSessions } from 'keepsake'
import type { Auth } from 'keepsake/auth'
import { type DatabaseStore, databaseStore } from 'keepsake/stores/database'
import { openAccounts } from './accounts.ts'
import type { Cart } from './products.ts'
import type { Language, Notice } from './words/words.ts'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** What this site keeps of a visitor. */
interface Visitor {
  visits: number
  cart: Cart
  theme: Theme
  language: Language
  /** Shown on the next page, and then gone. */
  notices: Notice[]
}

export type VisitorSession = Session<Visitor>

/** Everything that the pages need. */
export interface Site {
  readonly sessions: Sessions<Visitor> & SweptSessions
  readonly auth: Auth
  // Only the page that shows how it works looks at these two. Other programs keep them to themselves.
  readonly store: DatabaseStore
  readonly database: DatabaseSync
  close(): void
}

const production = process.env.NODE_ENV === 'production'

/** The name and the attributes that Keepsake gives the cookie: with Secure by default, without it on plain http. */
export const cookie = production
  ? { name: '__Host-session', attributes: 'Path=/; HttpOnly; Secure; SameSite=Lax' }
  : { name: 'session', attributes: 'Path=/; HttpOnly; SameSite=Lax' }

/** Keepsake's own defaults, spelled out because a page of this site shows them. */
export const days = { idle: 14, absolute: 30 }

/** Opens the database file, creates or updates the table in it, and clears out what has expired: now and every hour. */
export async function openSite(file: string): Promise<Site> {
  const database = new DatabaseSync(file)
  const store = databaseStore(database)
  await store.migrate()

  const sessions = createSessions<Visitor>({
    store,
    idleTimeout: `${days.idle}d`,
    absoluteTimeout: `${days.absolute}d`,
    // Plain http, as on localhost, cannot carry a Secure cookie.
    ...(!production && { cookie: { secure: false } }),
  })

  const auth = await openAccounts(database, { sessions, remember: { store }, secure: production })

  const stopSweeping = sweepHourly(sessions)
  const close = (): void => {
    stopSweeping()
    database.close()
  }
  return { sessions, auth, store, database, close }
}

/** Only frees space: an expired session is over at once, whether it was swept or not. */
function sweepHourly(sessions: SweptSessions): () => void {
  const sweep = (): Promise<unknown> =>
    sessions.clearExpired().catch((error: Error) => console.warn(`Not swept: ${error.message}`))
  sweep()
  const timer = setInterval(sweep, 3_600_000)
  timer.unref()
  return () => clearInterval(timer)
}
