import { expectTypeOf, it } from 'vitest'
import { createSessions } from '../create-sessions.ts'
import type { Session } from '../session/session.ts'
import { memoryStore } from '../stores/memory.ts'
import { type NextRequestApi, nextSessions } from './next.ts'

declare const next: NextRequestApi
const { readSession, withSession } = nextSessions(createSessions<{ cart: string[] }>({ store: memoryStore() }), next)

it('a server component gets a session without the verbs that change it', async () => {
  const session = await readSession()
  expectTypeOf(session.get('cart')).toEqualTypeOf<readonly string[] | undefined>()
  expectTypeOf(session).not.toHaveProperty('set')
  expectTypeOf(session).not.toHaveProperty('update')
  expectTypeOf(session).not.toHaveProperty('destroy')
})

it('an action gets the session with its data, and returns what its work returns', () => {
  expectTypeOf(withSession<number>)
    .parameter(0)
    .parameter(0)
    .toEqualTypeOf<Session<{ cart: string[] }>>()
  expectTypeOf(withSession(session => session.get('cart', []).length)).toEqualTypeOf<Promise<number>>()
})
