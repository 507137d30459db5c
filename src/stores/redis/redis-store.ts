import type { SessionIndex, SessionStore, StoredRecord } from '../store.ts'
import { connectionOf, type RedisClient } from './connection.ts'
import { textReader } from './get-text.ts'
import { searchIn } from './index-search.ts'
import { recordIn } from './record.ts'
import { warnOnce } from './warnings.ts'
import { type KeyNames, writesInCluster, writesOnOne } from './writes.ts'

/** Options of `redisStore`. */
export interface RedisStoreOptions {
  /** What the names of all keys begin with. @default 'keepsake:' */
  readonly prefix?: string
  /** Gets what is wrong with the server's settings, with the fix, once, at the first use. @default console.warn */
  readonly onWarning?: (warning: string) => void
}

export type { RedisClient }

/**
 * Keeps records in Redis or Valkey, through your own client: of node-redis (`createClient`, `createClientPool`,
 * `createCluster`, `createSentinel`) or of ioredis (`Redis`, `Cluster`). What was saved is as durable as the server's
 * persistence and replication make it. `docs/stores/redis.md` has the details.
 *
 * @example
 * import { createClient } from 'redis'
 * const client = createClient().on('error', console.error)
 * await client.connect()
 * const store = redisStore(client)
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): SessionStore & SessionIndex {
  const { prefix = 'keepsake:', onWarning = console.warn } = options
  const connection = connectionOf(client)
  const { send, isCluster } = connection
  const keys: KeyNames = {
    record: id => `${prefix}session:${id}`,
    index: term => `${prefix}index:${term}`,
  }
  const textAt = textReader(connection)
  const warn = warnOnce(connection, onWarning)

  return {
    async read(id): Promise<StoredRecord | null> {
      const text = await textAt(keys.record(id))
      warn()
      return text === null ? null : recordIn(String(text), id)
    },

    ...(isCluster ? writesInCluster(connection, keys) : writesOnOne(connection, keys)),

    async delete(id): Promise<void> {
      const key = keys.record(id)
      await send(key, ['DEL', key])
    },

    ...searchIn(connection, keys),
  }
}
