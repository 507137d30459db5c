import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { afterAll } from 'vitest'
import { cachedStore } from '../../../src/stores/cached.ts'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import { oneToken, tellOfCuts } from '../cut-connections.ts'
import { describeWithService } from '../describe-with-service.ts'
import { openStore } from '../workers/store-description.ts'

const folder = mkdtempSync(join(tmpdir(), 'keepsake-cut-cache-'))
afterAll(() => rmSync(folder, { recursive: true }))

describeWithService('redis', address => {
  const direct = { type: 'sqlite', file: join(folder, 'sessions.db') } as const

  tellOfCuts('the way to the cache', {
    servers: [address.port],
    direct,
    // Each visit goes on to its end: the store serves what the cache does not.
    step: process.env.KEEPSAKE_REQUIRE_SERVICES === '1' ? 3 : 11,
    status: [],
    valid: oneToken,
    hasCopies: true,
    async connect([port = 0]) {
      const socket = { host: '127.0.0.1', port, reconnectStrategy: 1 }
      const far = createClient({ socket, disableOfflineQueue: true }).on('error', () => undefined)
      await far.connect()
      const { store, close } = await openStore(direct)
      // A cache that failed is left alone for a second. By this clock, that is over at once.
      let seconds = 0
      const clock = (): number => Date.now() + 1000 * seconds++
      const cache = redisStore(far, { prefix: 'cut-cache:' })
      return {
        isConnected: () => far.isReady,
        store: cachedStore({ store, cache, maxStale: '60m', clock, onWarning: () => undefined }),
        close: async () => {
          far.destroy()
          await close()
        },
      }
    },
  })
})
