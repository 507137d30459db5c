import { Cluster } from 'ioredis'
import { createCluster } from 'redis'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import { oneTokenOrNone, tellOfCuts } from '../cut-connections.ts'
import { describeWithService } from '../describe-with-service.ts'
import { mapTo } from './clients.ts'

const host = '127.0.0.1'
const nothing = (): undefined => undefined

describeWithService('redis-cluster', nodes => {
  const servers = nodes.map(({ port }) => port)
  const direct = { type: 'redis', client: 'createCluster of node-redis', nodes } as const
  const all = { servers, direct, valid: oneTokenOrNone }
  const seenAt = (farPorts: readonly number[]) => farPorts.map(port => ({ host, port }))

  tellOfCuts('node-redis', {
    ...all,
    status: [503],
    async connect(farPorts) {
      const far = createCluster({
        rootNodes: seenAt(farPorts).map(socket => ({ socket })),
        nodeAddressMap: mapTo(nodes, seenAt(farPorts)),
        defaults: { socket: { reconnectStrategy: 1 } },
      }).on('error', nothing)
      await far.connect()
      return { store: redisStore(far), close: () => far.destroy() }
    },
  })

  tellOfCuts('ioredis', {
    ...all,
    // Nothing fails where it was cut: each visit goes on to its end. Every byte, which takes half a minute more, is tried in CI.
    step: process.env.KEEPSAKE_REQUIRE_SERVICES === '1' ? 1 : 7,
    // It sends again what it has no reply to. A removal that is sent again finds nothing: the session has ended.
    status: [503, 409],
    async connect(farPorts) {
      const far = new Cluster(seenAt(farPorts), {
        lazyConnect: true,
        natMap: mapTo(nodes, seenAt(farPorts)),
        retryDelayOnFailover: 5,
        clusterRetryStrategy: () => 1,
      }).on('error', nothing)
      await far.connect()
      return { store: redisStore(far), close: () => far.disconnect() }
    },
  })
})
