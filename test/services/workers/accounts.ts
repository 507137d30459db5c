// One process of a site with accounts: sessions in the store that the first argument describes, users in the SQLite file of the second.
import { DatabaseSync } from 'node:sqlite'
import { withSessions } from '../../../src/adapters/fetch.ts'
import { createAuth } from '../../../src/auth/create-auth.ts'
import type { SessionLimit } from '../../../src/auth/devices/session-limit.ts'
import { databaseUsers } from '../../../src/auth/users/database/database-users.ts'
import { createSessions } from '../../../src/create-sessions.ts'
import { isKeepsakeError } from '../../../src/errors.ts'
import { openStore } from './store-description.ts'

/** What the process is asked to do: so many requests at once, at this time. */
export interface AccountsOrder {
  readonly page: 'who' | 'login'
  readonly times: number
  readonly now: number
  /** The `Cookie` header of all requests. */
  readonly cookie: string
  readonly userId: string
  readonly limit?: SessionLimit
}

/** What came of one request. */
export interface Visit {
  /** The user's name, or the code of the error; null for nobody. */
  readonly seen: string | null
  readonly cookies: readonly string[]
  /** The types of what happened in it. */
  readonly events: readonly string[]
}

const [description = '', file = ''] = process.argv.slice(2)
const { store, close } = await openStore(JSON.parse(description))
const users = databaseUsers(new DatabaseSync(file))

async function visitTogether({ page, times, now, cookie, userId, limit }: AccountsOrder): Promise<Visit[]> {
  const events: string[] = []
  const clock = (): number => now
  const sessions = createSessions({ store, clock, storeDeadline: '30s', onEvent: () => undefined })
  const auth = createAuth({
    ...{ sessions, users, clock, throttle: false, secrets: 'p7Qm0Zt1Yx8Rk3Vw5Ns2Jb6Lc9Hd4Gf0-first' },
    remember: { store, storeDeadline: '30s' },
    ...(limit && { sessionLimit: limit }),
    onEvent: ({ type }) => void events.push(type),
  })
  const visit = withSessions(sessions, async request => {
    try {
      if (page === 'login') await auth.login(request, { id: userId }, { remember: true })
      return new Response((await auth.user(request))?.username)
    } catch (error) {
      if (!isKeepsakeError(error)) throw error
      return new Response(error.code)
    }
  })
  const one = async (): Promise<Visit> => {
    const answer = await visit(new Request('https://site.example/', { headers: { cookie } }))
    const cookies = answer.headers.getSetCookie().map(line => line.slice(0, line.indexOf(';')))
    return { seen: (await answer.text()) || null, cookies, events }
  }
  return Promise.all(Array.from({ length: times }, one))
}

process.on('message', async (order: AccountsOrder) => process.send?.(await visitTogether(order)))
process.on('disconnect', async () => {
  await close()
  process.exit()
})
process.send?.('ready')
