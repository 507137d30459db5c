import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import { oneToken, tellOfCuts } from '../cut-connections.ts'
import { describeWithService } from '../describe-with-service.ts'

const host = '127.0.0.1'
const nothing = (): undefined => undefined

describeWithService('redis', address => {
  const direct = { type: 'redis', client: 'createClient of node-redis', nodes: [address] } as const
  const all = { servers: [address.port], direct, status: [503], valid: oneToken }

  tellOfCuts('node-redis', {
    ...all,
    async connect([port = 0]) {
      const far = createClient({ socket: { host, port, reconnectStrategy: 1 } }).on('error', nothing)
      await far.connect()
      return { store: redisStore(far), close: () => far.destroy() }
    },
  })

  tellOfCuts('ioredis', {
    ...all,
    async connect([port = 0]) {
      const far = new Redis(port, host, { lazyConnect: true, retryStrategy: () => 1 }).on('error', nothing)
      await far.connect()
      return { store: redisStore(far), close: () => far.disconnect() }
    },
  })
})
