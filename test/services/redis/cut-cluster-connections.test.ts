import { Cluster } from 'ioredis'
import { createCluster } from 'redis'
import { afterAll, beforeAll } from 'vitest'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import type { SessionStore } from '../../../src/stores/store.ts'
import { type CutSubject, type FarStore, tellOfCuts } from '../cut-connections.ts'
import { describeWithService } from '../describe-with-service.ts'

const host = '127.0.0.1'
const nothing = (): undefined => undefined

describeWithService('redis-cluster', nodes => {
  const ports = nodes.map(({ port }) => port)
  const client = createCluster({ rootNodes: nodes.map(socket => ({ socket })) }).on('error', nothing)
  let direct: SessionStore
  beforeAll(async () => {
    await client.connect()
    direct = redisStore(client)
  })
  afterAll(() => client.destroy())

  /** A rotation takes several steps, of which one removes the old record and a later one stores the new one. */
  const left: CutSubject['left'] = {
    '/count': [1],
    '/login': [0, 1],
    '/rotate': [0, 1],
    '/logout': [0, 1],
    nowhere: [0],
  }
  const all = { servers: ports, step: 7, direct: () => direct, left }
  /** Where each node is, seen from the far side of the proxy. */
  const mapTo = (farPorts: readonly number[]): Record<string, { host: string; port: number }> =>
    Object.fromEntries(ports.map((port, i) => [`${host}:${port}`, { host, port: farPorts[i] ?? 0 }]))

  tellOfCuts('node-redis', {
    ...all,
    status: [503],
    async connect(farPorts): Promise<FarStore> {
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
    // It sends again what it has no reply to. A removal that is sent again finds nothing: the session has ended.
    status: [503, 409],
    async connect(farPorts): Promise<FarStore> {
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
