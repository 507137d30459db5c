import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely } from 'kysely'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type DatabaseUsers, databaseUsers } from '../../../src/auth/users/database/database-users.ts'
import type { DatabaseHandle } from '../../../src/stores/database/open-database.ts'
import { describeUserStore } from '../../../src/testing/describe-user-store.ts'
import { describeOnServers } from '../database/sql-database.ts'

const folder = mkdtempSync(join(tmpdir(), 'keepsake-users-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The contract on two handles in turns: what one process wrote, the other one reads. */
function keepsTheContract(name: string, connect: () => DatabaseHandle): void {
  const stores: DatabaseUsers[] = []
  beforeAll(async () => {
    stores.push(databaseUsers(connect()), databaseUsers(connect()))
    for (const store of stores) await store.migrate()
  })
  describeUserStore(name, () => inTurns(stores), { describe, it, groups: true })
}

/** One store out of several: each call goes to the next. */
function inTurns(stores: readonly DatabaseUsers[]): DatabaseUsers {
  let calls = 0
  return new Proxy({} as DatabaseUsers, {
    get: (_, name) => Reflect.get(stores[calls++ % stores.length] ?? {}, name),
  })
}

describe('SQLite, through better-sqlite3', () => {
  keepsTheContract('databaseUsers(Database)', () => new BetterSqlite3(join(folder, 'better.db')))
})

describeOnServers(database => {
  describe('through a pool', () => keepsTheContract('databaseUsers(pool)', () => database.pool().handle))
})

describeOnServers(database => {
  describe('through Kysely', () => {
    keepsTheContract('databaseUsers(kysely)', () => new Kysely({ dialect: database.dialect() }))
  })
})
