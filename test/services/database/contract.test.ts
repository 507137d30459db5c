import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely } from 'kysely'
import mysql from 'mysql2/promise'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type DatabaseHandle, type DatabaseStore, databaseStore } from '../../../src/stores/database/database-store.ts'
import { describeSessionStore } from '../../../src/testing/describe-session-store.ts'
import { inTurns } from '../../support/in-turns.ts'
import { describeWithService } from '../describe-with-service.ts'
import { mariadbDatabase, postgresDatabase } from './sql-database.ts'

const folder = mkdtempSync(join(tmpdir(), 'keepsake-contract-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The contract on one handle, and on two in turns: what one process wrote, the other one reads. */
function keepsTheContract(name: string, connect: () => DatabaseHandle): void {
  const stores: DatabaseStore[] = []
  beforeAll(async () => {
    stores.push(databaseStore(connect()), databaseStore(connect()))
    for (const store of stores) await store.migrate()
  })
  const all = { describe, it, index: true, sweep: true } as const
  describeSessionStore(name, () => inTurns(stores as [DatabaseStore, DatabaseStore]), all)
}

describe('SQLite', () => {
  describe('through node:sqlite', () => {
    keepsTheContract('databaseStore(DatabaseSync)', () => new DatabaseSync(join(folder, 'node.db')))
  })
  describe('through better-sqlite3', () => {
    keepsTheContract('databaseStore(Database)', () => new BetterSqlite3(join(folder, 'better.db')))
  })
})

describeWithService('postgres', address => {
  describe('through a pool of pg', () => {
    const database = postgresDatabase(address)
    keepsTheContract('databaseStore(pool)', () => database.pool().handle)
  })
  describe('through Kysely', () => {
    const database = postgresDatabase(address)
    keepsTheContract('databaseStore(kysely)', () => new Kysely({ dialect: database.dialect() }))
  })
})

describeWithService('mariadb', address => {
  describe('through a pool of mysql2', () => {
    const database = mariadbDatabase(address)
    keepsTheContract('databaseStore(pool)', () => database.pool().handle)
  })
  describe('through a pool of mysql2 at READ COMMITTED', () => {
    const database = mariadbDatabase(address)
    const settings = "set tx_isolation = 'READ-COMMITTED'"
    keepsTheContract('databaseStore(pool)', () => database.pool({ settings }).handle)
  })
  describe('through a pool of mysql2/promise', () => {
    const { connection } = mariadbDatabase(address).address
    const pools: mysql.Pool[] = []
    afterAll(() => Promise.all(pools.map(pool => pool.end())))
    keepsTheContract('databaseStore(pool)', () => {
      const pool = mysql.createPool(connection)
      pools.push(pool)
      return pool
    })
  })
  describe('through Kysely', () => {
    const database = mariadbDatabase(address)
    keepsTheContract('databaseStore(kysely)', () => new Kysely({ dialect: database.dialect() }))
  })
})
