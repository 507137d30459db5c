import { MemcacheClient } from 'memcache-client'
import { afterAll, describe, expect, it } from 'vitest'
import { cachedStore } from '../../../src/stores/cached.ts'
import { memcachedStore } from '../../../src/stores/memcached.ts'
import { memoryStore } from '../../../src/stores/memory.ts'
import { describeSessionStore } from '../../../src/testing/describe-session-store.ts'
import { newId, newRecord } from '../../../src/testing/store-contract/samples.ts'
import { describeWithService } from '../describe-with-service.ts'

describeWithService('memcached', ({ host, port }) => {
  const client = new MemcacheClient({ server: `${host}:${port}` })
  afterAll(() => client.shutdown())
  const cache = memcachedStore(client, { prefix: 'cache:' })

  describeSessionStore('cachedStore in front of a memoryStore', () => cachedStore({ store: memoryStore(), cache }), {
    describe,
    it,
    index: true,
    sweep: true,
  })

  it('that several servers share lets none of them accept a session once it is revoked by one', async () => {
    const options = { store: memoryStore(), cache, maxStale: '10m' } as const
    const [one, other] = [cachedStore(options), cachedStore(options)]
    const id = newId()
    await one.create(id, newRecord())
    expect(await other.read(id)).not.toBeNull()
    await one.delete(id)
    expect([await one.read(id), await other.read(id)]).toEqual([null, null])
  })
})
