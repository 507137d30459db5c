import { cachedStore } from '../../src/stores/cached.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import type { SessionRecord } from '../../src/stores/store.ts'
import { type FakeClock, fakeClock } from '../../src/testing/fake-clock.ts'
import { type Watched, watched } from './watched-store.ts'

type TestStore = ReturnType<typeof memoryStore>

/** Two servers, `a` and `b`, and what can be done to the store and the caches behind them. */
interface TwoServers {
  readonly clock: FakeClock
  readonly truth: Watched<TestStore>
  readonly a: TestStore
  readonly b: TestStore
  readonly cacheA: Watched<TestStore>
  readonly cacheB: Watched<TestStore>
  readonly warnings: string[]
}

/** Everything of a site with two servers: the store behind, and in each server a cached one, with a cache of its own or a shared one. */
export function twoServers({ shared, clock = fakeClock() }: { shared: boolean; clock?: FakeClock }): TwoServers {
  const truth = watched(memoryStore())
  const cache = memoryStore()
  const [cacheA, cacheB] = [watched(cache), watched(shared ? cache : memoryStore())]
  const warnings: string[] = []
  const onWarning = (warning: string): void => void warnings.push(warning)
  const a = cachedStore({ store: truth.store, cache: cacheA.store, clock, onWarning })
  const b = cachedStore({ store: truth.store, cache: cacheB.store, clock, onWarning })
  return { clock, truth, a, b, cacheA, cacheB, warnings }
}

/** The one session of these tests. */
export const id = 'the-only-id'

export function recordOf(payload: string, clock: () => number): SessionRecord {
  return {
    payload,
    createdAt: new Date(clock()),
    expiresAt: new Date(clock() + 86_400_000),
    index: { userId: 'u' },
  }
}
