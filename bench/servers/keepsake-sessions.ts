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

/** The session of a visitor who logs in. */
export function beginVisit(session: Awaited<ReturnType<Sessions<Visitor>['of']>>, user: string): void {
  session.rotate({ userId: user })
  session.assign(visitorNamed(user))
}
