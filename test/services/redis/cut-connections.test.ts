import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll } from 'vitest'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import type { SessionStore } from '../../../src/stores/store.ts'
import { type CutSubject, type FarStore, tellOfCuts } from '../cut-connections.ts'
import { describeWithService } from '../describe-with-service.ts'

const host = '127.0.0.1'
const nothing = (): undefined => undefined

describeWithService('redis', ({ port }) => {
  const client = createClient({ socket: { host, port } }).on('error', nothing)
  let direct: SessionStore
  beforeAll(async () => {
    await client.connect()
    direct = redisStore(client)
  })
  afterAll(() => client.destroy())

  /** A script does all or nothing: a rotation leaves exactly one of the old and the new record. */
  const left: CutSubject['left'] = {
    '/count': [1],
    '/login': [1],
    '/rotate': [1],
    '/logout': [0, 1],
    nowhere: [0],
  }
  const all = { servers: [port], direct: () => direct, status: [503], left }

  tellOfCuts('node-redis', {
    ...all,
    async connect([farPort = 0]): Promise<FarStore> {
      const socket = { host, port: farPort, reconnectStrategy: 1 }
      const far = createClient({ socket }).on('error', nothing)
      await far.connect()
      return { store: redisStore(far), close: () => far.destroy() }
    },
  })

  tellOfCuts('ioredis', {
    ...all,
    async connect([farPort = 0]): Promise<FarStore> {
      const far = new Redis(farPort, host, { lazyConnect: true, retryStrategy: () => 1 }).on('error', nothing)
      await far.connect()
      return { store: redisStore(far), close: () => far.disconnect() }
    },
  })
})
