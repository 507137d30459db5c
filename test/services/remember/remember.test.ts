import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { mariadbDatabase, postgresDatabase } from '../database/sql-database.ts'
import { describeWithService } from '../describe-with-service.ts'
import { remembersAcrossProcesses } from './restores.ts'

const folder = mkdtempSync(join(tmpdir(), 'keepsake-remember-'))
afterAll(() => rmSync(folder, { recursive: true }))

const sqlite = (name: string) => ({ type: 'sqlite', file: join(folder, name) }) as const

describe('sqlite', () => remembersAcrossProcesses(sqlite('sessions.db')))

describe('files', () => remembersAcrossProcesses({ type: 'file', directory: join(folder, 'files') }))

describe('sqlite behind a cache in each process', () =>
  remembersAcrossProcesses({ type: 'cached', store: sqlite('cached.db') }))

describeWithService('postgres', address => {
  const { connection } = postgresDatabase(address).address
  remembersAcrossProcesses({ type: 'postgres', connection })
})

describeWithService('mariadb', address => {
  const { connection } = mariadbDatabase(address).address
  remembersAcrossProcesses({ type: 'mariadb', connection })
})

describeWithService('redis', address => {
  describe.each(['createClient of node-redis', 'Redis of ioredis'])('through %s', client => {
    remembersAcrossProcesses({ type: 'redis', client, nodes: [address] })
  })
})

describeWithService('memcached', address => remembersAcrossProcesses({ type: 'memcached', address }))
