import { DatabaseSync } from 'node:sqlite'
import { expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import { createSessions } from './create-sessions.ts'
import { encryptedCookie } from './engines/encrypted-cookie.ts'
import type { Engine } from './engines/engine.ts'
import { signedCookie } from './engines/signed-cookie.ts'
import type { Session } from './session/session.ts'
import { databaseStore } from './stores/database/database-store.ts'
import { memoryStore } from './stores/memory.ts'
import type { ExpirySweep, SessionIndex, SessionStore } from './stores/store.ts'

interface AppSession {
  visits: number
  cart: { items: string[] }
  name?: string
}

declare const request: object
declare const plain: SessionStore
declare const indexed: SessionStore & SessionIndex
declare const swept: SessionStore & ExpirySweep
declare const engine: Engine

const sessions = createSessions<AppSession>({ store: memoryStore() })

const secrets = 'Nf0tN7mZ1xqzWqCkzjYxQ2c0u1n3vLhM8JrGdPpTwSE'

test('data is typed once, at createSessions', async () => {
  const session = await sessions.of(request)
  expectTypeOf(session).toEqualTypeOf<Session<AppSession>>()
  expectTypeOf(session.get('visits')).toEqualTypeOf<number | undefined>()
  expectTypeOf(session.get('visits', 0)).toEqualTypeOf<number>()
  expectTypeOf(session.update('visits', (n = 0) => n + 1)).toEqualTypeOf<number>()
  expectTypeOf(session.take('cart')).toEqualTypeOf<{ items: string[] } | undefined>()
  expectTypeOf(session.keys()).toEqualTypeOf<('visits' | 'cart' | 'name')[]>()
  session.set('name', 'Ada')
  session.assign({ visits: 1 })
  // @ts-expect-error no such key
  session.get('visit')
  // @ts-expect-error not a number
  session.set('visits', '1')
  // @ts-expect-error not a number
  session.assign({ visits: '1' })
  // @ts-expect-error not a number
  session.update('visits', n => `${n}`)
})

test('what get gives is deeply readonly: a nested change, which would not be saved, does not compile', async () => {
  const session = await sessions.of(request)
  const cart = session.get('cart', { items: [] })
  // @ts-expect-error readonly
  cart.items.push('pen')
  // @ts-expect-error readonly
  cart.items = []
  // @ts-expect-error readonly
  session.toObject().visits = 1
  // What was read may be set again, whole or in parts.
  session.set('cart', cart)
  session.set('cart', { items: [...cart.items, 'pen'] })
  session.update('cart', (was = { items: [] }) => ({ items: [...was.items, 'pen'] }))
})

test('a schema names the data too', async () => {
  const schema = z.object({ visits: z.number().default(0), theme: z.enum(['light', 'dark']).optional() })
  const session = await createSessions({ store: memoryStore(), schema }).of(request)
  expectTypeOf(session.get('visits')).toEqualTypeOf<number | undefined>()
  session.set('theme', 'dark')
  // @ts-expect-error not one of the themes
  session.set('theme', 'pink')
})

test('without a type, data is unknown, and may be anything', async () => {
  const session = await createSessions({ store: memoryStore() }).of(request)
  expectTypeOf(session.get('anything')).toBeUnknown()
  session.set('anything', { at: ['all'] })
})

test('what a store cannot do is missing from the type', () => {
  const none = createSessions<AppSession>({ store: plain })
  none.revoke('id')
  // @ts-expect-error no index
  none.revokeAll('7')
  // @ts-expect-error no index
  none.list('7')
  // @ts-expect-error no sweep
  none.clearExpired()

  createSessions<AppSession>({ store: indexed }).revokeAll('7')
  // @ts-expect-error no sweep
  createSessions<AppSession>({ store: indexed }).clearExpired()
  createSessions<AppSession>({ store: swept }).clearExpired()
  // @ts-expect-error no index
  createSessions<AppSession>({ store: swept }).list('7')

  for (const store of [memoryStore(), databaseStore(new DatabaseSync(':memory:'))]) {
    const all = createSessions<AppSession>({ store })
    all.list('7').then(list => expectTypeOf(list[0]?.data.visits).toEqualTypeOf<number | undefined>())
    all.clearExpired()
  }

  // @ts-expect-error another engine has no store to revoke in
  createSessions<AppSession>({ engine }).revoke('id')

  for (const engineFor of [signedCookie, encryptedCookie]) {
    const inCookies = createSessions<AppSession>({ engine: engineFor({ secrets }) })
    // @ts-expect-error a copy of a cookie cannot be ended
    inCookies.revoke('id')
    // @ts-expect-error nor can those of a user
    inCookies.revokeAll('7')
    // @ts-expect-error nobody knows them
    inCookies.list('7')
    const revocable = createSessions<AppSession>({ engine: engineFor({ secrets, revocations: memoryStore() }) })
    expectTypeOf(revocable.revokeAll('7')).toEqualTypeOf<Promise<void>>()
    revocable.revoke('id')
    // @ts-expect-error the store knows only those that have ended
    revocable.list('7')
  }
})

test('options are checked', () => {
  const store = memoryStore()
  createSessions({ store, idleTimeout: '30m', absoluteTimeout: 'unlimited', preset: 'aal2' })
  createSessions<AppSession>({ store, index: { first: data => data.cart?.items[0] } })
  // @ts-expect-error seconds or milliseconds? a duration has a unit
  createSessions({ store, idleTimeout: 1800 })
  // @ts-expect-error no such unit
  createSessions({ store, idleTimeout: '2w' })
  // @ts-expect-error no such option
  createSessions({ store, idleTimeOut: '2h' })
  // @ts-expect-error an index value is text
  createSessions<AppSession>({ store, index: { visits: data => data.visits } })
  // @ts-expect-error a store or an engine
  createSessions({})
})
