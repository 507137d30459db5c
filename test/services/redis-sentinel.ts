import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask } from './line-protocol.ts'
import { type SocketAddress, startRedis } from './redis.ts'
import { findBinary, type Place, type Server, startServer } from './server.ts'

/** A primary with a replica, and a Sentinel that makes the replica the primary when the primary has been down for a second. */
export interface WatchedRedis {
  /** The name by which clients ask the Sentinel for the primary. */
  readonly name: string
  readonly sentinel: SocketAddress
  readonly primary: Server
  readonly replica: Server
  stop(): Promise<void>
}

const name = 'sessions'

/** Starts all three, and waits until they know each other. */
export async function startWatchedRedis(): Promise<WatchedRedis> {
  const primary = await startRedis({ 'repl-diskless-sync-delay': '0' })
  const replica = await startRedis({ replicaof: `127.0.0.1 ${primary.port}` })
  const sentinel = await startServer({
    name: 'sentinel',
    user: 'redis',
    endBy: 'SIGKILL',
    prepare: place => writeConfiguration(place, primary),
    command: ({ directory }) => [
      findBinary('redis-server') ?? 'redis-server',
      join(directory, 'sentinel.conf'),
      '--sentinel',
    ],
    answers: ({ port }) => ask(port, 'PING'),
  })
  while (!(await ask(sentinel.port, `SENTINEL MASTER ${name}`)).includes('num-slaves\r\n$1\r\n1')) {
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return {
    name,
    sentinel: { host: '127.0.0.1', port: sentinel.port },
    primary,
    replica,
    async stop() {
      await Promise.all([primary, replica, sentinel].map(server => server.stop()))
    },
  }
}

/** Sentinel rewrites its configuration. */
function writeConfiguration({ directory, port }: Place, primary: Place): void {
  const file = join(directory, 'sentinel.conf')
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${directory}`,
    `sentinel monitor ${name} 127.0.0.1 ${primary.port} 1`,
    `sentinel down-after-milliseconds ${name} 1000`,
    `sentinel failover-timeout ${name} 3000`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  chmodSync(file, 0o666)
}
