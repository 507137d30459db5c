import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cachedStore } from '../../../src/stores/cached.ts'
import { memoryStore } from '../../../src/stores/memory.ts'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import type { SessionStore } from '../../../src/stores/store.ts'
import { describeSessionStore } from '../../../src/testing/describe-session-store.ts'
import { newId, newRecord } from '../../../src/testing/store-contract/samples.ts'
import { watched } from '../../support/watched-store.ts'
import { describeWithService } from '../describe-with-service.ts'
import { type SocketAddress, startRedis } from '../redis.ts'
import type { Server } from '../server.ts'

const silent = { onWarning: () => undefined }

/** A server that was restarted takes its time on a busy machine. */
const patient = { timeout: 30_000 }

/** A client that is patient: it connects again by itself, and tells of that only by the calls that fail. */
async function connectTo(socket: Partial<SocketAddress>) {
  const client = createClient({ socket: { ...socket, reconnectStrategy: 10 } }).on('error', () => undefined)
  await client.connect()
  return client
}

describeWithService('redis', address => {
  let client: Awaited<ReturnType<typeof connectTo>>
  let cache: SessionStore
  beforeAll(async () => {
    client = await connectTo(address)
    cache = redisStore(client, { prefix: 'cache:', ...silent })
  })
  afterAll(() => client.destroy())

  describeSessionStore('cachedStore in front of a memoryStore', () => cachedStore({ store: memoryStore(), cache }), {
    describe,
    it,
    index: true,
    sweep: true,
  })

  describe('a Redis that several servers share', () => {
    it('spares the store all reads but the first', async () => {
      const { store, calls } = watched(memoryStore())
      const servers = [1, 2, 3].map(() => cachedStore({ store, cache, maxStale: '10m' }))
      const [id, record] = [newId(), newRecord()]
      await servers[0]?.create(id, record)
      for (const server of [...servers, ...servers]) {
        expect(await server.read(id)).toMatchObject({ payload: record.payload })
      }
      expect(calls).toEqual(['create', 'read'])
    })

    it('asks the store once when 500 requests of one server want a record that it does not have', async () => {
      const { store, calls } = watched(memoryStore())
      const [id, server] = [newId(), cachedStore({ store, cache })]
      await server.create(id, newRecord())
      const found = await Promise.all(Array.from({ length: 500 }, () => server.read(id)))
      expect(found.filter(record => record === null)).toEqual([])
      expect(calls).toEqual(['create', 'read'])
    })

    it('lets none of them accept a session once it is revoked by one', async () => {
      const store = memoryStore()
      const options = { store, cache, maxStale: '10m' } as const
      const [one, other] = [cachedStore(options), cachedStore(options)]
      for (let run = 0; run < 200; run++) {
        const id = newId()
        await store.create(id, newRecord())
        // Some are in the cache, some are on the way into it.
        if (run % 2) await other.read(id)
        const reading = Promise.all([other.read(id), one.read(id)])
        await one.delete(id)
        expect(await other.read(id)).toBeNull()
        await reading
        expect(await other.read(id)).toBeNull()
      }
    })

    it('forgets by itself what is not trusted any more', async () => {
      const server = cachedStore({ store: memoryStore(), cache, maxStale: '1m' })
      const id = newId()
      await server.create(id, newRecord())
      await server.read(id)
      const [key = ''] = await client.keys(`cache:*${id}*`)
      expect(await client.pTTL(key)).toBeGreaterThan(0)
      expect(await client.pTTL(key)).toBeLessThan(600_000)
    })
  })
})

describeWithService('redis', () => {
  let server: Server
  let client: Awaited<ReturnType<typeof connectTo>>
  beforeAll(async () => {
    server = await startRedis({ appendfsync: 'always' })
    client = await connectTo({ host: '127.0.0.1', port: server.port })
  })
  afterAll(async () => {
    client.destroy()
    await server.stop()
  })

  it('that is killed and comes back: all is served meanwhile, and what was revoked stays so, although Redis still has it', async () => {
    let later = 0
    const clock = (): number => Date.now() + later
    const cache = redisStore(client, silent)
    const removals: Promise<unknown>[] = []
    const remove = cache.delete
    cache.delete = id => {
      const removal = remove(id)
      removals.push(removal)
      return removal
    }
    const warnings: string[] = []
    const { store, calls } = watched(memoryStore())
    const onWarning = (warning: string): void => void warnings.push(warning)
    const one = cachedStore({ store, cache, clock, maxStale: '10m', onWarning })
    const ids = Array.from({ length: 20 }, newId)
    for (const id of ids) await one.create(id, newRecord())
    for (const id of ids) await one.read(id)
    const [revoked = '', ...others] = ids
    const key = `keepsake:session:${revoked}`
    const copy = (await client.get(key)) ?? ''

    await server.crash()
    for (const id of ids) expect(await one.read(id)).not.toBeNull()
    await one.delete(revoked)
    expect(await one.read(revoked)).toBeNull()
    expect(warnings).toHaveLength(1)

    await server.restart()
    // The client sends the removal as soon as it can, which may be while the server still loads. Another would have given it up.
    const [removal] = await Promise.allSettled(removals)
    if (removal?.status === 'rejected') expect(String(removal.reason)).toContain('LOADING')
    const left = removal?.status === 'rejected' ? copy : null
    await expect.poll(() => client.get(key).catch(error => error), patient).toBe(left)
    await client.set(key, copy)
    expect(await cache.read(revoked)).not.toBeNull()
    later = 1000
    expect(await one.read(revoked)).toBeNull()
    for (const id of others) await one.read(id)
    await expect
      .poll(async () => {
        calls.length = 0
        for (const id of others) await one.read(id)
        return calls
      }, patient)
      .toEqual([])
    expect(await one.read(revoked)).toBeNull()
  })
})
