import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { databaseStore } from '../../src/stores/database/database-store.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { redisStore } from '../../src/stores/redis/redis-store.ts'
import type { SessionStore } from '../../src/stores/store.ts'
import { addressOf, type StoreName, settings } from './serve.ts'

/** The store of this name, ready to be used. Drivers are loaded when they are asked for: a server has one, as in production. */
export async function keepsakeStore(name: Exclude<StoreName, `${string}-cookie`>): Promise<SessionStore> {
  if (name === 'memory') return memoryStore()
  if (name === 'redis') {
    const { createClient } = await import('redis')
    return redisStore(await createClient({ socket: addressOf('redis') }).connect())
  }
  const store = databaseStore(await databaseHandle(name), { table: 'keepsake_session' })
  await store.migrate()
  return store
}

async function databaseHandle(name: 'sqlite' | 'postgres'): Promise<Parameters<typeof databaseStore>[0]> {
  if (name === 'sqlite') return new DatabaseSync(join(settings.directory, 'keepsake.db'))
  const { default: pg } = await import('pg')
  return new pg.Pool(addressOf('postgres').connection)
}
