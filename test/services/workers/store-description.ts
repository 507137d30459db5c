import { DatabaseSync } from 'node:sqlite'
import { RedisStore } from 'connect-redis'
import { MemcacheClient } from 'memcache-client'
import mysql from 'mysql2'
import pg from 'pg'
import { createClient } from 'redis'
import { cachedStore } from '../../../src/stores/cached.ts'
import { databaseStore } from '../../../src/stores/database/database-store.ts'
import { expressStore } from '../../../src/stores/express-store.ts'
import { fileStore } from '../../../src/stores/file.ts'
import { memcachedStore } from '../../../src/stores/memcached.ts'
import { memoryStore } from '../../../src/stores/memory.ts'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import type { SessionStore } from '../../../src/stores/store.ts'
import type { SqlConnectionOptions } from '../postgres.ts'
import { redisClients } from '../redis/clients.ts'
import type { SocketAddress } from '../redis.ts'

/** A store in words that can be handed to another process. */
export type StoreDescription =
  | SqlDescription
  | { readonly type: 'file'; readonly directory: string }
  | RedisDescription
  | { readonly type: 'memcached'; readonly address: SocketAddress }
  /** `connect-redis`, a store of express-session. */
  | { readonly type: 'connect-redis'; readonly address: SocketAddress }
  /** Behind a Redis that all share, or else behind a cache in each process. */
  | { readonly type: 'cached'; readonly store: StoreDescription; readonly redis?: SocketAddress }

interface RedisDescription {
  readonly type: 'redis'
  /** One that is named in `redis/clients.ts`. */
  readonly client: string
  readonly nodes: readonly SocketAddress[]
  /** Where the nodes are for who sees them through a proxy. */
  readonly seen?: readonly SocketAddress[]
}

type SqlDescription =
  | { readonly type: 'sqlite'; readonly file: string }
  | { readonly type: 'postgres' | 'mariadb'; readonly connection: SqlConnectionOptions }

export interface OpenStore {
  readonly store: SessionStore
  close(): unknown
}

/** The store that is described, ready to be used. */
export async function openStore(description: StoreDescription): Promise<OpenStore> {
  if (description.type === 'file') return { store: fileStore(description.directory), close: () => undefined }
  if (description.type === 'cached') return openCached(description)
  if (description.type === 'redis') return openRedis(description)
  if (description.type === 'memcached') return openMemcached(description)
  if (description.type === 'connect-redis') return openConnectRedis(description)
  const { handle, close } = connect(description)
  const store = databaseStore(handle)
  await store.migrate()
  return { store, close }
}

async function openCached({ store, redis }: StoreDescription & { type: 'cached' }): Promise<OpenStore> {
  const behind = await openStore(store)
  if (!redis) return { ...behind, store: cachedStore({ store: behind.store, cache: memoryStore() }) }
  const client = createClient({ socket: redis })
  await client.connect()
  return {
    store: cachedStore({ store: behind.store, cache: redisStore(client, { prefix: 'cache:' }) }),
    close: () => Promise.all([client.close(), behind.close()]),
  }
}

async function openRedis({ client: name, nodes, seen }: RedisDescription): Promise<OpenStore> {
  const { client, close } = await redisClients(name)(nodes, seen)
  return { store: redisStore(client), close }
}

async function openConnectRedis({ address }: StoreDescription & { type: 'connect-redis' }): Promise<OpenStore> {
  const client = createClient({ socket: address })
  await client.connect()
  return { store: expressStore(new RedisStore({ client })), close: () => client.close() }
}

function openMemcached({ address: { host, port } }: StoreDescription & { type: 'memcached' }): OpenStore {
  const client = new MemcacheClient({ server: `${host}:${port}` })
  const store = memcachedStore(client, { onWarning: () => undefined })
  return { store, close: () => client.shutdown() }
}

function connect(description: SqlDescription): {
  handle: Parameters<typeof databaseStore>[0]
  close: () => unknown
} {
  if (description.type === 'sqlite') {
    const handle = new DatabaseSync(description.file)
    return { handle, close: () => handle.close() }
  }
  if (description.type === 'postgres') {
    const handle = new pg.Pool(description.connection)
    return { handle, close: () => handle.end() }
  }
  const handle = mysql.createPool(description.connection)
  return { handle, close: () => handle.promise().end() }
}
