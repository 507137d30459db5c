import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { mariadbDatabase, postgresDatabase } from '../database/sql-database.ts'
import { describeWithService } from '../describe-with-service.ts'
import { clientsOfCluster } from '../redis/clients.ts'
import type { StoreDescription } from '../workers/store-description.ts'
import { keepsTheLimit, restoresTogether } from './accounts.ts'

const folder = mkdtempSync(join(tmpdir(), 'keepsake-auth-'))
afterAll(() => rmSync(folder, { recursive: true }))

const sqlite = (name: string) => ({ type: 'sqlite', file: join(folder, name) }) as const
let sites = 0

/** A store that finds the sessions of a user. */
function indexed(description: StoreDescription): void {
  plain(description)
  keepsTheLimit(description, join(folder, `users-${sites++}`))
}

function plain(description: StoreDescription): void {
  restoresTogether(description, join(folder, `users-${sites++}`))
}

describe('sqlite', () => indexed(sqlite('sessions.db')))

describe('sqlite behind a cache in each process', () => indexed({ type: 'cached', store: sqlite('cached.db') }))

describe('files', () => plain({ type: 'file', directory: join(folder, 'files') }))

describeWithService('postgres', address => {
  indexed({ type: 'postgres', connection: postgresDatabase(address).address.connection })
})

describeWithService('mariadb', address => {
  indexed({ type: 'mariadb', connection: mariadbDatabase(address).address.connection })
})

describeWithService('redis', address => {
  describe.each(['createClient of node-redis', 'Redis of ioredis'])('through %s', client => {
    indexed({ type: 'redis', client, nodes: [address] })
  })

  describe('as the cache of SQLite, which all share', () =>
    indexed({ type: 'cached', store: sqlite('behind-redis.db'), redis: address }))
})

describeWithService('redis-cluster', nodes => {
  describe.each(Object.keys(clientsOfCluster))('through %s', client => indexed({ type: 'redis', client, nodes }))
})

describeWithService('memcached', address => plain({ type: 'memcached', address }))
