import { randomBytes } from 'node:crypto'
import { encryptedCookie } from '../../src/engines/encrypted-cookie.ts'
import { signedCookie } from '../../src/engines/signed-cookie.ts'
import { createSessions, type Sessions } from '../../src/index.ts'
import { keepsakeStore } from './keepsake-store.ts'
import { settings } from './serve.ts'
import { type Visitor, visitorNamed } from './visitor.ts'

const secrets = randomBytes(32).toString('base64url')

/** The sessions of a variant, with no option but where they are kept: the defaults are what programs run with. */
export async function keepsakeSessions(): Promise<Sessions<Visitor>> {
  const { store } = settings
  if (store === 'encrypted-cookie') return createSessions<Visitor>({ engine: encryptedCookie({ secrets }) })
  if (store === 'signed-cookie') return createSessions<Visitor>({ engine: signedCookie({ secrets }) })
  return createSessions<Visitor>({ store: await keepsakeStore(store) })
}

/** What the routes of every framework do with the session of their request, or of their context. */
export interface Visits {
  /** Begins a session for this visitor. */
  login(request: object, user: string): Promise<string>
  /** The visitor's name. */
  read(request: object): Promise<string>
  /** Counts a visit. */
  write(request: object): Promise<string>
}

export function visitsOf(sessions: Sessions<Visitor>): Visits {
  return {
    async login(request, user) {
      const session = await sessions.of(request)
      session.rotate({ userId: user })
      session.assign(visitorNamed(user))
      return 'in'
    },
    async read(request) {
      const session = await sessions.of(request)
      return session.get('user', '')
    },
    async write(request) {
      const session = await sessions.of(request)
      return String(session.update('visits', (n = 0) => n + 1))
    },
  }
}
