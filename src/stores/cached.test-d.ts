import session from 'express-session'
import { expectTypeOf, test } from 'vitest'
import { createSessions } from '../create-sessions.ts'
import { cachedStore } from './cached.ts'
import { type ExpressStore, expressStore } from './express-store.ts'
import { fileStore } from './file.ts'
import { memoryStore } from './memory.ts'
import type { ExpirySweep, SessionIndex, SessionStore } from './store.ts'

declare const plain: SessionStore
declare const indexed: SessionStore & SessionIndex
const cache = memoryStore()

test('a cachedStore can do what its store can, and no more', () => {
  createSessions({ store: cachedStore({ store: memoryStore(), cache }) }).revokeAll('7')
  createSessions({ store: cachedStore({ store: indexed, cache }) }).revokeAll('7')
  createSessions({ store: cachedStore({ store: fileStore('sessions'), cache }) }).clearExpired()
  createSessions({ store: cachedStore({ store: plain, cache }) }).revoke('id')
  // @ts-expect-error no index
  createSessions({ store: cachedStore({ store: plain, cache }) }).revokeAll('7')
  // @ts-expect-error no index
  createSessions({ store: cachedStore({ store: fileStore('sessions'), cache }) }).list('7')
  // @ts-expect-error no sweep
  createSessions({ store: cachedStore({ store: indexed, cache }) }).clearExpired()
})

test('maxStale has a unit', () => {
  cachedStore({ store: plain, cache, maxStale: '1m' })
  // @ts-expect-error seconds or milliseconds?
  cachedStore({ store: plain, cache, maxStale: 5 })
})

test('a fileStore has no index, and says so', () => {
  expectTypeOf(fileStore('sessions')).toEqualTypeOf<SessionStore & ExpirySweep>()
})

test('an expressStore says how far it can be trusted, also behind a cache', () => {
  const store = expressStore(new session.MemoryStore())
  expectTypeOf(store).toEqualTypeOf<ExpressStore>()
  expectTypeOf(store.guarantees).toEqualTypeOf<'single-process'>()
  expectTypeOf(cachedStore({ store, cache }).guarantees).toEqualTypeOf<'single-process'>()
  // @ts-expect-error no index
  createSessions({ store }).revokeAll('7')
  // A program that must not run on one can say so.
  const forManyProcesses = (_: SessionStore & { guarantees?: never }): void => undefined
  forManyProcesses(memoryStore())
  // @ts-expect-error holds in one process only
  forManyProcesses(store)
})
