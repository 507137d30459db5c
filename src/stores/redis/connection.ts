import { KeepsakeError } from '../../errors.ts'

/** Of node-redis: what `createClient` and `createClientPool` make. */
interface NodeRedisClient {
  sendCommand(args: string[]): Promise<unknown>
}

/** Of node-redis: what `createCluster` makes. */
interface NodeRedisCluster {
  sendCommand(firstKey: string | undefined, isReadonly: boolean, args: string[]): Promise<unknown>
  getRandomNode(): unknown
}

/** Of node-redis: what `createSentinel` makes. */
interface NodeRedisSentinel {
  sendCommand(isReadonly: boolean, args: string[]): Promise<unknown>
  getSentinelNode(): unknown
}

/** Of ioredis: a `Redis`, with or without Sentinel, or a `Cluster`. */
interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>
  readonly isCluster: boolean
  readonly options: object
}

/** A client as the program has it, of node-redis or ioredis. */
export type RedisClient = NodeRedisClient | NodeRedisCluster | NodeRedisSentinel | IoRedisClient

/** The way to the servers that the clients have in common. */
export interface RedisConnection {
  /** Keys lie on several servers, and one command reaches only those of one hash slot. */
  readonly isCluster: boolean
  /** Sends a command to the server that has this key, never to a replica, which may not know of a logout yet. */
  send(key: string | undefined, command: string[]): Promise<unknown>
}

/** The connection behind a client, which is known by its shape. Throws for what is no client of a known kind. */
export function connectionOf(client: RedisClient): RedisConnection {
  const connection = typeof client === 'object' && client !== null && connectionBehind(client)
  if (connection) return connection
  throw invalid(
    'its first argument is no client that it knows: pass what createClient, createClientPool, createCluster or createSentinel of node-redis made, or a Redis or Cluster of ioredis',
  )
}

function connectionBehind(client: RedisClient): RedisConnection | null {
  if ('isCluster' in client) return ofIoRedis(client)
  if ('getRandomNode' in client) {
    return { isCluster: true, send: (key, command) => client.sendCommand(key, false, command) }
  }
  if ('getSentinelNode' in client) {
    return { isCluster: false, send: (_, command) => client.sendCommand(false, command) }
  }
  if ('sendCommand' in client) {
    return { isCluster: false, send: (_, command) => client.sendCommand(command) }
  }
  return null
}

function ofIoRedis(client: IoRedisClient): RedisConnection {
  if ('scaleReads' in client.options && client.options.scaleReads !== 'master') {
    throw invalid(
      "this Cluster reads from replicas (scaleReads), which may not know of a logout yet; give it one of its own with scaleReads: 'master'",
    )
  }
  return {
    isCluster: client.isCluster,
    send: (_, [command = '', ...args]) => client.call(command, ...args),
  }
}

function invalid(what: string): KeepsakeError {
  return new KeepsakeError('OPTION_INVALID', `redisStore: ${what}`)
}
