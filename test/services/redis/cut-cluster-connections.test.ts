import { Cluster } from 'ioredis'
import { createCluster } from 'redis'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import { oneTokenOrNone, tellOfCuts } from '../cut-connections.ts'
import { describeWithService } from '../describe-with-service.ts'

const host = '127.0.0.1'
const nothing = (): undefined => undefined

describeWithService('redis-cluster', nodes => {
  const servers = nodes.map(({ port }) => port)
  const direct = { type: 'redis', client: 'createCluster of node-redis', nodes } as const
  const all = { servers, direct, valid: oneTokenOrNone }
  /** Where each node is, seen from the far side of the proxy. */
  const mapTo = (farPorts: readonly number[]): Record<string, { host: string; port: number }> =>
    Object.fromEntries(servers.map((port, i) => [`${host}:${port}`, { host, port: farPorts[i] ?? 0 }]))

  tellOfCuts('node-redis', {
    ...all,
    status: [503],
    async connect(farPorts) {
      const far = createCluster({
        rootNodes: farPorts.map(port => ({ socket: { host, port } })),
        nodeAddressMap: mapTo(farPorts),
        defaults: { socket: { reconnectStrategy: 1 } },
      }).on('error', nothing)
      await far.connect()
      return { store: redisStore(far), close: () => far.destroy() }
    },
  })

  tellOfCuts('ioredis', {
    ...all,
    // Nothing fails where it was cut: each visit goes on to its end, so that every byte would take 40 seconds more.
    step: 7,
    // It sends again what it has no reply to. A removal that is sent again finds nothing: the session has ended.
    status: [503, 409],
    async connect(farPorts) {
      const far = new Cluster(
        farPorts.map(port => ({ host, port })),
        {
          lazyConnect: true,
          natMap: mapTo(farPorts),
          retryDelayOnFailover: 5,
          clusterRetryStrategy: () => 1,
        },
      ).on('error', nothing)
      await far.connect()
      return { store: redisStore(far), close: () => far.disconnect() }
    },
  })
})
