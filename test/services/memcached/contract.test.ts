import { MemcacheClient } from 'memcache-client'
import { afterAll, describe, it } from 'vitest'
import { memcachedStore } from '../../../src/stores/memcached.ts'
import type { SessionStore } from '../../../src/stores/store.ts'
import { describeSessionStore } from '../../../src/testing/describe-session-store.ts'
import { inTurns } from '../../support/in-turns.ts'
import { describeWithService } from '../describe-with-service.ts'

describeWithService('memcached', ({ host, port }) => {
  const clients = [1, 2].map(() => new MemcacheClient({ server: `${host}:${port}` }))
  afterAll(() => {
    for (const client of clients) client.shutdown()
  })
  const stores = clients.map(client => memcachedStore(client, { onWarning: () => undefined }))
  describeSessionStore<SessionStore>('memcachedStore(client)', () => inTurns(stores as never), {
    describe,
    it,
  })
})
