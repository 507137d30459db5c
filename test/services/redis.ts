import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../support/free-port.ts'
import { ask } from './line-protocol.ts'
import { findBinary, type Recipe, type Server, startServer } from './server.ts'

/** Where a server listens. */
export interface SocketAddress {
  readonly host: string
  readonly port: number
}

/** A Redis server. */
export interface RedisServer extends Server {
  readonly address: SocketAddress
  /** Where the other nodes reach it, if it is one of a cluster. */
  readonly busPort: number
}

/**
 * One Redis server; `settings` are its own, by name. It keeps an append-only file. With `appendfsync: 'always'`, a killed one
 * loses nothing; without, it may lose what it was told in the last two seconds, when the disk is slow.
 */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  // The bus port that Redis would choose, 10,000 above the other, may be that of an outgoing connection.
  const busPort = await freePort()
  const bus = settings['cluster-enabled'] ? { 'cluster-port': String(busPort) } : {}
  const server = await startServer(recipe({ appendonly: 'yes', save: '', ...bus, ...settings }))
  return { ...server, address: { host: '127.0.0.1', port: server.port }, busPort }
}

/** A cluster as it has to be stopped. */
export interface RedisCluster {
  readonly address: readonly SocketAddress[]
  readonly nodes: readonly Server[]
  stop(): Promise<void>
}

/** A Redis Cluster of three nodes without replicas; `settings` are those of each node. */
export async function startRedisCluster(settings: Readonly<Record<string, string>> = {}): Promise<RedisCluster> {
  const startNode = () => startRedis({ 'cluster-enabled': 'yes', ...settings })
  const nodes = await Promise.all([startNode(), startNode(), startNode()])
  const slots = ['0 5460', '5461 10922', '10923 16383']
  for (const [i, { port }] of nodes.entries()) {
    await ask(port, `CLUSTER SET-CONFIG-EPOCH ${i + 1}`)
    await ask(port, `CLUSTER ADDSLOTSRANGE ${slots[i]}`)
  }
  for (const { port, busPort } of nodes.slice(1)) {
    await ask(nodes[0].port, `CLUSTER MEET 127.0.0.1 ${port} ${busPort}`)
  }
  for (const { port } of nodes) {
    while (!isWhole(await ask(port, 'CLUSTER INFO'))) await wait(25)
  }
  return {
    nodes,
    address: nodes.map(({ address }) => address),
    stop: async () => void (await Promise.all(nodes.map(node => node.stop()))),
  }
}

function isWhole(info: string): boolean {
  return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3')
}

function recipe(settings: Readonly<Record<string, string>>): Recipe {
  return {
    name: 'redis',
    user: 'redis',
    endBy: 'SIGKILL',
    command: ({ directory, port }) => [
      findBinary('redis-server') ?? 'redis-server',
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory],
      ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    ],
    async answers({ port }) {
      const answer = await ask(port, 'PING')
      if (!answer.startsWith('+PONG')) throw new Error(answer)
    },
  }
}
