import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import type { SessionIndex, SessionStore } from '../../../src/stores/store.ts'
import { describeSessionStore } from '../../../src/testing/describe-session-store.ts'
import { describeWithService } from '../describe-with-service.ts'
import { startWatchedRedis, type WatchedRedis } from '../redis-sentinel.ts'
import { loggedIn, samePerson } from '../visitors.ts'
import { clientsOfWatched, type OpenClient } from './clients.ts'

describeWithService('redis', () => {
  for (const [kind, connect] of Object.entries(clientsOfWatched)) {
    describe(kind, () => {
      let watched: WatchedRedis
      let opened: OpenClient
      let store: SessionStore & SessionIndex
      beforeAll(async () => {
        watched = await startWatchedRedis()
        opened = await connect(watched)
        store = redisStore(opened.client)
      })
      afterAll(async () => {
        await opened.close()
        await watched.stop()
      })

      describeSessionStore('redisStore(client)', () => store, { describe, it, index: true })

      it('follows a fail-over to the replica, with the sessions that had reached it', async () => {
        const visitor = await loggedIn('ada', store)
        const replica = new Redis(watched.replica.port, '127.0.0.1')
        await expect.poll(() => replica.exists('keepsake:index:userId:ada'), { timeout: 20_000 }).toBe(1)
        replica.disconnect()
        await watched.primary.crash()
        expect((await samePerson(visitor, store, { storeDeadline: '200ms' }).open('/name')).status).toBe(503)
        await expect.poll(async () => (await visitor.open('/count')).status, { timeout: 20_000 }).toBe(200)
        expect(await visitor.see('/name')).toBe('ada')
      })
    })
  }
})
