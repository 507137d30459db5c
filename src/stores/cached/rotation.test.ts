import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { gate } from '../../../test/support/site.ts'
import { id, recordOf, twoServers } from '../../../test/support/two-servers.ts'
import { cachedStore } from '../cached.ts'
import type { SessionStore } from '../store.ts'

describe('a session that rotates', () => {
  it('is read under its new id alone by a server that shares the cache, while its entry is still being removed', async () => {
    const { b, truth, cacheA, clock } = twoServers({ shared: true })
    const removing = gate()
    const slowCache: SessionStore = {
      ...cacheA.store,
      delete: wanted => removing.wait().then(() => cacheA.store.delete(wanted)),
    }
    const a = cachedStore({ store: truth.store, cache: slowCache, clock })
    await a.create(id, recordOf('first', clock))
    const version = (await b.read(id))?.version ?? ''
    const rotated = a.replace({ id, version }, 'next', recordOf('second', clock))
    await removing.reached
    expect(await b.read('next')).toMatchObject({ payload: 'second' })
    expect(await b.read(id)).toBeNull()
    removing.open()
    expect(await rotated).toBe(true)
    expect(await b.read(id)).toBeNull()
  })

  it('is not put into the cache under its old id by one who reads it just before', async () => {
    const { b, truth, cacheA, clock } = twoServers({ shared: true })
    const slow = gate()
    const slowStore: typeof truth.store = {
      ...truth.store,
      async replace(was, wanted, record) {
        await slow.wait()
        return truth.store.replace(was, wanted, record)
      },
    }
    const a = cachedStore({ store: slowStore, cache: cacheA.store, clock })
    await a.create(id, recordOf('first', clock))
    const version = (await b.read(id))?.version ?? ''
    const rotated = a.replace({ id, version }, 'next', recordOf('second', clock))
    await slow.reached
    expect(await b.read(id), 'it has not rotated yet').toMatchObject({ payload: 'first' })
    await truth.store.delete(id)
    expect(await b.read(id), 'nothing was kept of it').toBeNull()
    slow.open()
    expect(await rotated).toBe(false)
  })

  it.each([
    { kind: 'is full, and only removes', failing: { replace: true, create: true } },
    { kind: 'does not answer as the rotation begins', failing: { read: true } },
  ])('is not read under its old id when the cache $kind', async ({ failing }) => {
    const { b, truth, cacheA, clock } = twoServers({ shared: true })
    let isFailing = false
    const refuse = (): Promise<never> => Promise.reject(new Error('OOM command not allowed'))
    const fragile = Object.fromEntries(
      Object.keys(failing).map(verb => [
        verb,
        (...args: never[]) => (isFailing ? refuse() : Reflect.apply(Reflect.get(cacheA.store, verb), null, args)),
      ]),
    )
    const slowTruth: typeof truth.store = {
      ...truth.store,
      replace(...args) {
        isFailing = isFailing && !('read' in failing)
        return truth.store.replace(...args)
      },
    }
    const a = cachedStore({
      store: slowTruth,
      cache: { ...cacheA.store, ...fragile },
      clock,
      onWarning: () => undefined,
    })
    await a.create(id, recordOf('first', clock))
    const version = (await b.read(id))?.version ?? ''
    isFailing = true
    expect(await a.replace({ id, version }, 'next', recordOf('second', clock))).toBe(true)
    expect(await b.read(id)).toBeNull()
  })

  it('is not read under its old id when the cache hangs as the rotation begins', async () => {
    const { a, b, truth, cacheA, clock } = twoServers({ shared: true })
    await a.create(id, recordOf('first', clock))
    const version = (await b.read(id))?.version ?? ''
    cacheA.mode = 'hanging'
    const { replace } = truth.store
    truth.store.replace = async (...args) => {
      cacheA.mode = 'up'
      return replace(...args)
    }
    expect(await a.replace({ id, version }, 'next', recordOf('second', clock))).toBe(true)
    expect(await b.read(id)).toBeNull()
  })

  it.each([
    { kind: 'change', to: id },
    { kind: 'rotation', to: 'elsewhere' },
  ])('stays closed while a $kind of another server is refused', async ({ to }) => {
    const { b, truth, cacheA, clock } = twoServers({ shared: true })
    const [replacing, removing] = [gate(), gate()]
    const store: typeof truth.store = {
      ...truth.store,
      replace: (...args) => replacing.wait().then(() => truth.store.replace(...args)),
    }
    const cache: SessionStore = {
      ...cacheA.store,
      delete: wanted => removing.wait().then(() => cacheA.store.delete(wanted)),
    }
    const a = cachedStore({ store, cache, clock })
    await a.create(id, recordOf('first', clock))
    const version = (await b.read(id))?.version ?? ''
    const rotated = a.replace({ id, version }, 'next', recordOf('second', clock))
    await replacing.reached
    expect(await b.replace({ id, version: 'older' }, to, recordOf('refused', clock))).toBe(false)
    await b.read(id)
    replacing.open()
    await removing.reached
    expect([await b.read('next'), await b.read(id)]).toEqual([expect.objectContaining({ payload: 'second' }), null])
    removing.open()
    await rotated
  })

  it('is kept in the cache again when the server that rotated it died before it was done', async () => {
    const { b, truth, cacheA, clock } = twoServers({ shared: true })
    const died = { ...truth.store, replace: () => new Promise<boolean>(() => {}) }
    const a = cachedStore({ store: died, cache: cacheA.store, clock })
    await a.create(id, recordOf('first', clock))
    void a.replace({ id, version: '1' }, 'next', recordOf('second', clock))
    await nextTurn()
    clock.advance('5s')
    await b.read(id)
    truth.calls.length = 0
    expect(await b.read(id)).toMatchObject({ payload: 'first' })
    expect(truth.calls).toEqual([])
  })

  it('is kept in the cache again some time after the rotation was refused', async () => {
    const { a, b, truth, clock } = twoServers({ shared: true })
    await a.create(id, recordOf('first', clock))
    expect(await a.replace({ id, version: 'another' }, 'next', recordOf('second', clock))).toBe(false)
    clock.advance('5s')
    await b.read(id)
    truth.calls.length = 0
    expect(await b.read(id)).toMatchObject({ payload: 'first' })
    expect(truth.calls).toEqual([])
  })
})
