import { ask } from './line-protocol.ts'
import type { SocketAddress } from './redis.ts'
import { findBinary, type Recipe, type Server, startServer } from './server.ts'

/** A Memcached server; `args` are its own, such as `-m 64`. */
export async function startMemcached(args: readonly string[] = []): Promise<Server & { address: SocketAddress }> {
  const server = await startServer(recipe(args))
  return { ...server, address: { host: '127.0.0.1', port: server.port } }
}

function recipe(args: readonly string[]): Recipe {
  return {
    name: 'memcached',
    user: 'memcache',
    endBy: 'SIGKILL',
    command: ({ port }) => [
      findBinary('memcached') ?? 'memcached',
      ...['-p', String(port), '-l', '127.0.0.1', '-U', '0'],
      ...args,
    ],
    answers: ({ port }) => ask(port, 'version'),
  }
}
