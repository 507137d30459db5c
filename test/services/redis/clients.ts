import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import type { RedisClient } from '../../../src/stores/redis/redis-store.ts'
import type { SocketAddress } from '../redis.ts'
import type { WatchedRedis } from '../redis-sentinel.ts'

/** A client that is connected, and the way to close it at once. */
export interface OpenClient {
  readonly client: RedisClient
  close(): unknown
}

/** The ways to one server. A client reports broken connections as events as well; the calls that failed are looked at instead. */
export const clientsOfOne: Readonly<Record<string, (address: SocketAddress) => Promise<OpenClient>>> = {
  async 'createClient of node-redis'(socket) {
    const client = createClient({ socket }).on('error', () => undefined)
    await client.connect()
    return { client, close: () => client.destroy() }
  },
  async 'createClientPool of node-redis'(socket) {
    const client = createClientPool({ socket }, { minimum: 4, maximum: 4 }).on('error', () => undefined)
    await client.connect()
    return { client, close: () => client.destroy() }
  },
  async 'Redis of ioredis'({ host, port }) {
    const client = new Redis({ host, port, lazyConnect: true }).on('error', () => undefined)
    await client.connect()
    return { client, close: () => client.disconnect() }
  },
}

type Nodes = readonly SocketAddress[]

/** The ways to a cluster; `seen` is where its nodes are for who sees them through a proxy. */
export const clientsOfCluster: Readonly<Record<string, (nodes: Nodes, seen?: Nodes) => Promise<OpenClient>>> = {
  async 'createCluster of node-redis'(nodes, seen = nodes) {
    const rootNodes = seen.map(socket => ({ socket }))
    const client = createCluster({ rootNodes, nodeAddressMap: mapTo(nodes, seen) }).on('error', () => undefined)
    await client.connect()
    return { client, close: () => client.destroy() }
  },
  async 'Cluster of ioredis'(nodes, seen = nodes) {
    const options = { lazyConnect: true, natMap: mapTo(nodes, seen) }
    const client = new Cluster([...seen], options).on('error', () => undefined)
    await client.connect()
    return { client, close: () => client.disconnect() }
  },
}

/** Where each node is, by where it says that it is. */
export function mapTo(nodes: Nodes, seen: Nodes): Record<string, SocketAddress> {
  return Object.fromEntries(nodes.map((node, i) => [`${node.host}:${node.port}`, seen[i] ?? node]))
}

/** The ways to the primary that a Sentinel names. */
export const clientsOfWatched: Readonly<Record<string, (watched: WatchedRedis) => Promise<OpenClient>>> = {
  async 'createSentinel of node-redis'({ name, sentinel }) {
    const options = { name, sentinelRootNodes: [sentinel], scanInterval: 100 }
    const client = createSentinel(options).on('error', () => undefined)
    await client.connect()
    return { client, close: () => client.destroy() }
  },
  async 'Redis of ioredis, with sentinels'({ name, sentinel }) {
    const client = new Redis({ name, sentinels: [sentinel], lazyConnect: true }).on('error', () => undefined)
    await client.connect()
    return { client, close: () => client.disconnect() }
  },
}

/** Whoever is named here, connected to one server or to the nodes of a cluster. */
export function redisClients(name: string): (nodes: Nodes, seen?: Nodes) => Promise<OpenClient> {
  const [toCluster, toOne] = [clientsOfCluster[name], clientsOfOne[name]]
  return async (nodes, seen = nodes) => {
    const [node] = seen
    if (toCluster) return toCluster(nodes, seen)
    if (toOne && node) return toOne(node)
    throw new Error(`no client ${name}, or no server for it`)
  }
}
