import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { inTurns } from '../../test/support/in-turns.ts'
import { Browser, type Data, gate, site } from '../../test/support/site.ts'
import { id, recordOf, twoServers } from '../../test/support/two-servers.ts'
import { watched } from '../../test/support/watched-store.ts'
import { createSessions } from '../create-sessions.ts'
import { describeSessionStore } from '../testing/describe-session-store.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { cachedStore } from './cached.ts'
import { memoryStore } from './memory.ts'
import type { SessionStore } from './store.ts'

const parts = { describe, it, index: true, sweep: true } as const
const silent = { onWarning: () => undefined }

describeSessionStore('cachedStore', () => cachedStore({ store: memoryStore(), cache: memoryStore() }), parts)

const downCache = watched(memoryStore())
downCache.mode = 'down'
describeSessionStore(
  'cachedStore, while its cache is down,',
  () => cachedStore({ store: memoryStore(), cache: downCache.store, ...silent }),
  parts,
)

describeSessionStore(
  'cachedStore in two servers that share the cache',
  () => {
    const options = { store: memoryStore(), cache: memoryStore() }
    return inTurns([cachedStore(options), cachedStore(options)])
  },
  parts,
)

describeSessionStore(
  'cachedStore in two servers that share a cache which is slow to remove,',
  () => {
    const cache = memoryStore()
    const slowCache: SessionStore = {
      ...cache,
      async delete(wanted) {
        for (let turn = 0; turn < 20; turn++) await nextTurn()
        return cache.delete(wanted)
      },
    }
    const options = { store: memoryStore(), cache: slowCache }
    return inTurns([cachedStore(options), cachedStore(options)])
  },
  parts,
)

async function change(store: SessionStore, payload: string, clock: () => number): Promise<boolean> {
  const version = (await store.read(id))?.version ?? ''
  return store.replace({ id, version }, id, recordOf(payload, clock))
}

describe('a cachedStore', () => {
  it('reads a record from its store once, and then from the cache', async () => {
    const { a, truth, clock } = twoServers({ shared: false })
    await a.create(id, recordOf('first', clock))
    const read = await a.read(id)
    truth.calls.length = 0
    for (let i = 0; i < 10; i++) expect(await a.read(id)).toEqual(read)
    expect(truth.calls).toEqual([])
  })

  it('asks its store once when 500 requests want a record that is not in the cache', async () => {
    const { a, truth, clock } = twoServers({ shared: false })
    await a.create(id, recordOf('first', clock))
    truth.calls.length = 0
    const found = await Promise.all(Array.from({ length: 500 }, () => a.read(id)))
    expect(new Set(found.map(record => record?.payload))).toEqual(new Set(['first']))
    expect(truth.calls).toEqual(['read'])
  })

  it('hands out the versions of its store, so that what was read from the cache can be replaced at once', async () => {
    const { a, truth, clock } = twoServers({ shared: false })
    await a.create(id, recordOf('first', clock))
    await a.read(id)
    truth.calls.length = 0
    expect(await change(a, 'second', clock)).toBe(true)
    expect(truth.calls).toEqual(['replace'])
  })

  it('reads the truth again when what was in the cache turns out to be old', async () => {
    const { a, b, clock } = twoServers({ shared: false })
    await a.create(id, recordOf('first', clock))
    await Promise.all([a.read(id), b.read(id)])
    expect(await change(b, 'second', clock)).toBe(true)
    expect(await change(a, 'third, made from the first', clock)).toBe(false)
    expect(await change(a, 'third, made from the second', clock)).toBe(true)
  })

  it('keeps nothing of records that never were', async () => {
    const { a, cacheA } = twoServers({ shared: false })
    for (let i = 0; i < 100; i++) expect(await a.read(`unknown-${i}`)).toBeNull()
    expect(await cacheA.store.deleteExpired(new Date(8.64e15), { limit: 1000 })).toBe(0)
  })

  it('reads from its store what the cache refuses as too large, and the rest from the cache', async () => {
    const [truth, cache] = [watched(memoryStore()), memoryStore()]
    const smallCache: SessionStore = {
      ...cache,
      replace: async (was, wanted, record) =>
        record.payload.length < 1000 ? cache.replace(was, wanted, record) : Promise.reject(new Error('too large')),
    }
    const onWarning = (warning: string): never => expect.fail(warning)
    const store = cachedStore({ store: truth.store, cache: smallCache, onWarning })
    await store.create('large', recordOf('x'.repeat(1000), Date.now))
    await store.create('small', recordOf('x', Date.now))
    for (const one of ['large', 'small', 'large', 'small']) expect(await store.read(one)).not.toBeNull()
    expect(truth.calls).toEqual(['create', 'create', 'read', 'read', 'read'])
  })

  it('keeps nothing that may be older than what it was told, also in a cache that is full', async () => {
    const { b, truth, cacheA, clock } = twoServers({ shared: true })
    const full = (): Promise<never> => Promise.reject(new Error('OOM command not allowed'))
    const a = cachedStore({
      store: truth.store,
      cache: { ...cacheA.store, create: full, replace: full },
      clock,
      ...silent,
    })
    await b.create(id, recordOf('first', clock))
    await b.read(id)
    for (const to of [id, 'next']) {
      await b.read(id)
      expect(await a.replace({ id, version: 'another' }, to, recordOf('refused', clock))).toBe(false)
      expect(await cacheA.store.read(id)).toBeNull()
    }
    await b.read(id)
    truth.calls.length = 0
    expect(await a.read(id), 'from what is there').toMatchObject({ payload: 'first' })
    expect(truth.calls).toEqual([])
  })

  it('sweeps a cache that does not forget by itself', async () => {
    const { a, cacheA, clock } = twoServers({ shared: false })
    for (let i = 0; i < 100; i++) {
      await a.create(`record-${i}`, recordOf('{}', clock))
      await a.read(`record-${i}`)
    }
    clock.advance('6s')
    await a.create(id, recordOf('{}', clock))
    await a.read(id)
    expect(await cacheA.store.deleteExpired(new Date(clock()), { limit: 1000 })).toBe(0)
    expect(await cacheA.store.deleteExpired(new Date(8.64e15), { limit: 1000 })).toBe(1)
  })

  it('asks its store for what has expired, and for what a clock that goes ahead has written', async () => {
    const { a, truth, clock, cacheA } = twoServers({ shared: false })
    const expiresAt = new Date(clock() + 2000)
    await a.create(id, { ...recordOf('short', clock), expiresAt })
    await a.read(id)
    clock.advance('2s')
    truth.calls.length = 0
    await a.read(id)
    expect(truth.calls).toEqual(['read'])

    const ahead = cachedStore({ store: truth.store, cache: cacheA.store, clock: () => clock() + 60_000 })
    await a.create('long', recordOf('long', clock))
    await ahead.read('long')
    truth.calls.length = 0
    await a.read('long')
    expect(truth.calls).toEqual(['read'])
  })

  it('does not take what is in the cache for a record if it cannot be one', async () => {
    const { a, cacheA, clock } = twoServers({ shared: false })
    await a.create(id, recordOf('true', clock))
    for (const payload of ['', 'lease', '{}\nx', '[1,2,3]\nx', '["v",1]\nx', '[\nx', 'null\nx']) {
      await cacheA.store.delete(id)
      await cacheA.store.create(id, recordOf(payload, clock))
      expect(await a.read(id)).toMatchObject({ payload: 'true' })
    }
  })
})

describe('a session that is revoked', () => {
  it('is refused at once by the server that revoked it, and by one with another cache after maxStale', async () => {
    const { a, b, clock } = twoServers({ shared: false })
    await a.create(id, recordOf('first', clock))
    await Promise.all([a.read(id), b.read(id)])
    await a.delete(id)
    expect(await a.read(id)).toBeNull()
    clock.advance('4999ms')
    expect(await b.read(id)).not.toBeNull()
    clock.advance('1ms')
    expect(await b.read(id)).toBeNull()
  })

  it('is refused at once by all servers that share the cache', async () => {
    const { a, b, clock } = twoServers({ shared: true })
    await a.create(id, recordOf('first', clock))
    await Promise.all([a.read(id), b.read(id)])
    await a.delete(id)
    expect([await a.read(id), await b.read(id)]).toEqual([null, null])
  })

  it('is refused from when the store has let it go, while its entry is still being removed', async () => {
    const [cache, truth] = [memoryStore(), memoryStore()]
    let removing = gate()
    const slowCache: SessionStore = {
      ...cache,
      async delete(wanted) {
        await removing.wait()
        return cache.delete(wanted)
      },
    }
    const store = cachedStore({ store: truth, cache: slowCache })
    for (const revoke of [() => store.delete(id), () => store.deleteBy('userId', 'u')]) {
      removing = gate()
      await store.create(id, recordOf('first', Date.now))
      await store.read(id)
      const revoking = revoke()
      await removing.reached
      expect(await store.read(id)).toBeNull()
      removing.open()
      await revoking
      expect(await store.read(id)).toBeNull()
    }
  })

  it('is refused at once by all, also by a server that leaves the shared cache alone since it has just failed', async () => {
    const { a, b, cacheA, clock } = twoServers({ shared: true })
    await a.create(id, recordOf('first', clock))
    await b.read(id)
    cacheA.mode = 'down'
    await a.read('another')
    cacheA.mode = 'up'
    await a.delete(id)
    expect(await b.read(id)).toBeNull()
  })

  it('with all others of its user is refused at once by the server that revoked them', async () => {
    const { a, b, clock } = twoServers({ shared: true })
    await a.create(id, recordOf('first', clock))
    await a.create('spared', recordOf('spared', clock))
    await Promise.all([a.read(id), a.read('spared')])
    expect(await a.deleteBy('userId', 'u', { except: 'spared' })).toBe(1)
    expect([await a.read(id), await b.read(id)]).toEqual([null, null])
    expect(await a.read('spared')).not.toBeNull()
  })

  it.each([1, 3])(
    'with all others of its user is refused by all, although it rotates %i times meanwhile',
    async times => {
      const { a, b, truth, cacheA, clock } = twoServers({ shared: true })
      let current = id
      const rotate = async (next: string): Promise<void> => {
        const { version = '' } = (await b.read(current)) ?? {}
        expect(await b.replace({ id: current, version }, next, recordOf(next, clock))).toBe(true)
        current = next
        expect(await b.read(current), 'and is in the cache').not.toBeNull()
      }
      const rotations = Array.from({ length: times }, (_, n) => () => rotate(`rotated-${n}`))
      const store: typeof truth.store = {
        ...truth.store,
        async *find(name, value) {
          yield* truth.store.find(name, value)
          await rotations.shift()?.()
        },
      }
      const revoking = cachedStore({ store, cache: cacheA.store, clock })
      await a.create(id, recordOf('first', clock))
      expect(await revoking.deleteBy('userId', 'u')).toBe(1)
      expect(rotations).toEqual([])
      for (const server of [revoking, a, b]) {
        for (const one of [id, 'rotated-0', current]) expect(await server.read(one)).toBeNull()
      }
    },
  )

  it('with all others of its user ends in the store, however often it rotates meanwhile', async () => {
    const { truth, clock } = twoServers({ shared: true })
    let current = id
    const store: typeof truth.store = {
      ...truth.store,
      async *find(name, value) {
        yield* truth.store.find(name, value)
        const { version = '' } = (await truth.store.read(current)) ?? {}
        const next = `${current}+`
        if (await truth.store.replace({ id: current, version }, next, recordOf('', clock))) current = next
      },
    }
    await store.create(id, recordOf('first', clock))
    await cachedStore({ store, cache: memoryStore(), clock }).deleteBy('userId', 'u')
    expect(await truth.store.read(current)).toBeNull()
  })

  it('by a server that cannot reach the shared cache is refused there at once, also when the cache is back', async () => {
    const { a, b, cacheA, clock } = twoServers({ shared: true })
    await a.create(id, recordOf('first', clock))
    expect(await b.read(id)).not.toBeNull()
    cacheA.mode = 'down'
    await a.delete(id)
    expect(await a.read(id)).toBeNull()
    expect(await b.read(id), 'the other server has heard nothing').not.toBeNull()
    cacheA.mode = 'up'
    clock.advance('1s')
    expect(await a.read(id), 'although the old entry is in the cache').toBeNull()
    expect(await b.read(id), 'because that read has removed it').toBeNull()
  })

  it('while a slow reader has it in hands is not put into the cache by that one', async () => {
    const { truth, cacheA, clock } = twoServers({ shared: true })
    const slow = gate()
    const slowStore: SessionStore = {
      ...truth.store,
      async read(wanted) {
        const found = await truth.store.read(wanted)
        await slow.wait()
        return found
      },
    }
    const [a, b] = [slowStore, truth.store].map(store => cachedStore({ store, cache: cacheA.store, clock }))
    await b?.create(id, recordOf('first', clock))
    const reading = a?.read(id)
    await slow.reached
    await b?.delete(id)
    slow.open()
    expect(await reading, 'it was there when the read began').not.toBeNull()
    expect(await b?.read(id)).toBeNull()
    expect(await cacheA.store.read(id)).toBeNull()
  })

  it('stays so for who is logged in at a server that has not heard of it and changes something', async () => {
    const { a, b, truth } = twoServers({ shared: false })
    const [siteA, siteB] = sitesOn(a, b, truth.store)
    const tab = new Browser(siteA)
    await tab.open('/count')
    const otherTab = new Browser(siteB, tab.cookie)
    expect(await otherTab.see('/read')).toBe(1)
    await tab.open('/log-out')
    expect(await otherTab.see('/read'), 'for up to maxStale').toBe(1)
    expect((await otherTab.open('/count')).status).toBe(409)
    expect(await otherTab.see('/read')).toBe(0)
  })
})

/** The same site on each of three stores. */
function sitesOn(...stores: readonly [SessionStore, SessionStore, SessionStore]) {
  const siteOn = (store: SessionStore) =>
    site(createSessions<Data>({ store }), {
      '/count': async session => (await session()).update('count', (n = 0) => n + 1),
      '/read': async session => (await session()).get('count', 0),
      '/log-out': async session => (await session()).destroy(),
    })
  const [first, second, third] = stores
  return [siteOn(first), siteOn(second), siteOn(third)] as const
}

describe('a cache that is down', () => {
  it('or hangs costs one short wait; then it is left alone for a second, and one request tries', async () => {
    const { a, cacheA, clock, warnings } = twoServers({ shared: false })
    const ids = Array.from({ length: 20 }, (_, i) => `record-${i}`)
    for (const one of ids) await a.create(one, recordOf('{}', clock))
    const readAll = async (): Promise<number> => {
      cacheA.calls.length = 0
      const found = await Promise.all(ids.map(one => a.read(one)))
      expect(found.filter(record => record === null)).toEqual([])
      return cacheA.calls.length
    }
    cacheA.mode = 'hanging'
    expect(await readAll()).toBe(20)
    expect(await readAll()).toBe(0)
    clock.advance('1s')
    expect(await readAll()).toBe(1)
    expect(warnings).toEqual([expect.stringContaining('no answer within 100 ms')])
    cacheA.mode = 'up'
    clock.advance('1s')
    await readAll()
    clock.advance('1ms')
    await readAll()
    expect(await readAll(), 'each is read from the cache again').toBe(20)
  })

  it('still lets 500 requests share reads of the store', async () => {
    const { a, cacheA, truth, clock } = twoServers({ shared: false })
    await a.create(id, recordOf('{}', clock))
    cacheA.mode = 'down'
    truth.calls.length = 0
    await Promise.all(Array.from({ length: 500 }, () => a.read(id)))
    expect(truth.calls).toEqual(['read', 'read'])
  })
})

describe('a cache that removes, and does nothing else', () => {
  it('is left alone all the same, and warned of once, while sessions end', async () => {
    const { a, cacheA, clock, warnings } = twoServers({ shared: false })
    await a.create(id, recordOf('{}', clock))
    cacheA.mode = 'down'
    await a.read(id)
    cacheA.calls.length = 0
    for (let n = 0; n < 3; n++) {
      cacheA.mode = 'up'
      await a.delete(`another-${n}`)
      cacheA.mode = 'down'
      await a.read(id)
    }
    expect(cacheA.calls).toEqual(['delete', 'delete', 'delete'])
    expect(warnings).toHaveLength(1)
  })
})

describe('a store that is down behind a cache that is up', () => {
  it('is noticed when something is to be saved, and within maxStale when something is to be read', async () => {
    const { a, truth, clock } = twoServers({ shared: false })
    await a.create(id, recordOf('first', clock))
    await a.read(id)
    truth.mode = 'down'
    clock.advance('4s')
    expect(await a.read(id)).toMatchObject({ payload: 'first' })
    clock.advance('1s')
    await expect(a.read(id)).rejects.toThrow('connection refused')
    await expect(a.delete(id)).rejects.toThrow('connection refused')
    await expect(change(a, 'second', clock)).rejects.toThrow('connection refused')
    truth.mode = 'up'
    expect(await a.read(id)).toMatchObject({ payload: 'first' })
  })

  it('that has not answered for a second is asked again by the next request', async () => {
    const { a, truth, clock } = twoServers({ shared: false })
    await a.create(id, recordOf('first', clock))
    truth.mode = 'hanging'
    void a.read(id)
    void a.read(id)
    await nextTurn()
    truth.mode = 'up'
    clock.advance('1s')
    expect(await a.read(id)).toMatchObject({ payload: 'first' })
  })
})

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The same store over a bad line: calls take turns of the event loop, and some fail, before or after they were done. */
function overBadLine<Store extends SessionStore>(store: Store, random: () => number, failures: number): Store {
  const line = async <T>(call: () => Promise<T>): Promise<T> => {
    while (random() < 0.5) await nextTurn()
    if (random() < failures / 2) throw new Error('cut before')
    const answer = await call()
    while (random() < 0.5) await nextTurn()
    if (random() < failures / 2) throw new Error('cut after')
    return answer
  }
  return {
    ...store,
    read: wanted => line(() => store.read(wanted)),
    create: (wanted, record) => line(() => store.create(wanted, record)),
    replace: (was, wanted, record) => line(() => store.replace(was, wanted, record)),
    delete: wanted => line(() => store.delete(wanted)),
  }
}

describe('1,000 changes by one server, while it and two others read', () => {
  const seed = Math.floor(Math.random() * 2 ** 32)

  // Only what is drawn at random may fail a call of the cache: not its deadline, on a machine that is busy with something else.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  /** In each run, so many calls of the cache fail. */
  async function run(failures: number): Promise<void> {
    const [random, clock] = [randomFrom(seed), fakeClock()]
    const [truth, cache] = [memoryStore(), memoryStore()]
    const newServer = () =>
      cachedStore({
        store: overBadLine(truth, random, 0),
        cache: overBadLine(cache, random, failures),
        clock,
        ...silent,
      })
    const [writing, second, third] = [newServer(), newServer(), newServer()]
    const acknowledged: { at: number; value: number }[] = [{ at: Number.NEGATIVE_INFINITY, value: 0 }]
    const newest = (): number => acknowledged.at(-1)?.value ?? 0
    const newestOfMaxStaleAgo = (): number => {
      const then = clock() - 5000
      return acknowledged.findLast(({ at }) => at <= then)?.value ?? 0
    }
    const write = async (): Promise<void> => {
      for (let value = 1; value <= 1000; value++) {
        expect(await change(writing, String(value), clock)).toBe(true)
        acknowledged.push({ at: clock(), value })
        if (random() < 0.3) clock.advance(`${Math.ceil(random() * 900)}ms`)
        while (random() < 0.5) await nextTurn()
      }
    }
    const read = async (store: SessionStore, oldest: () => number): Promise<void> => {
      for (let last = 0; newest() < 1000; ) {
        const limit = Math.max(last, oldest())
        last = Number((await store.read(id))?.payload)
        expect(last).toBeGreaterThanOrEqual(limit)
        if (random() < 0.5) await nextTurn()
      }
    }
    await writing.create(id, recordOf('0', clock))
    const elsewhere = failures === 0 ? newest : newestOfMaxStaleAgo
    await Promise.all([write(), read(writing, newest), read(second, elsewhere), read(third, elsewhere)])
  }

  it(`are seen at once by all when the shared cache is well (seed ${seed})`, () => run(0))

  it(`are seen at once there and within maxStale elsewhere, and never go backwards, when calls of the cache fail (seed ${seed})`, async () => {
    for (const failures of [0.02, 0.2, 0.6]) await run(failures)
  })
})

describe('two servers that know nothing of each other’s cache', () => {
  it('count right together', async () => {
    const { a, b, truth } = twoServers({ shared: false })
    const [siteA, siteB, uncached] = sitesOn(a, b, truth.store)
    const first = new Browser(siteA)
    await first.open('/count')
    const second = new Browser(siteB, first.cookie)
    const visits = Array.from({ length: 199 }, (_, i) => (i % 2 ? first : second).copy().see('/count'))
    await Promise.all(visits)
    expect(await new Browser(uncached, first.cookie).see('/read')).toBe(200)
  })
})
