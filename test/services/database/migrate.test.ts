import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { isKeepsakeError } from '../../../src/errors.ts'
import { type DatabaseHandle, databaseStore } from '../../../src/stores/database/database-store.ts'
import { openDatabase } from '../../../src/stores/database/open-database.ts'
import { findAll, newId, newRecord } from './samples.ts'
import { describeOnServers } from './sql-database.ts'

const folder = mkdtempSync(join(tmpdir(), 'keepsake-migrate-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('SQLite', () => {
  const file = join(folder, 'app.db')
  migratesWell(() => new DatabaseSync(file))

  it('goes on with a table that the first version of this package made', async () => {
    const database = new DatabaseSync(':memory:')
    database.exec(`
      create table "session" ("id" varchar(43) primary key, "user_id" varchar(255), "payload" text not null,
        "version" varchar(32) not null, "created_at" bigint not null, "expires_at" bigint not null);
      create index "session_user_id" on "session" ("user_id");
      create index "session_expires_at" on "session" ("expires_at");
      create table "keepsake_migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);
      insert into "keepsake_migration" values ('001_session', '2026-01-01T00:00:00.000Z');
      insert into "session" values ('${'i'.repeat(43)}', 'ada', '{}', 'v1', 0, 8000000000000);
    `)
    const store = databaseStore(database, { index: ['accountId'] })
    await store.migrate()
    expect(await findAll(store, 'userId', 'ada')).toHaveLength(1)
    const record = newRecord({ index: { userId: 'ada', accountId: 'a1' } })
    expect(await store.replace({ id: 'i'.repeat(43), version: 'v1' }, newId(), record)).toBe(true)
    expect(await findAll(store, 'accountId', 'a1')).toHaveLength(1)
  })
})

describeOnServers(database => {
  migratesWell(() => database.pool().handle)

  describe('what is wrong with the server is said once, with the fix', () => {
    afterEach(() => vi.useRealTimers())

    async function warningsOf(handle: DatabaseHandle): Promise<string[]> {
      const warnings: string[] = []
      await databaseStore(handle, { onWarning: warning => void warnings.push(warning) }).migrate()
      return warnings
    }

    it('nothing of a server as it was installed', async () => {
      expect(await warningsOf(database.pool().handle)).toEqual([])
    })

    it.each([
      ['behind', 10],
      ['ahead of', -10],
    ])("a clock that is %s this machine's", async (direction, minutes) => {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * 60_000 })
      expect(await warningsOf(database.pool().handle)).toEqual([
        expect.stringMatching(new RegExp(`^Keepsake: .* 600 s ${direction} this machine's.*NTP`)),
      ])
    })

    if (database.kind === 'postgres') {
      it('answers that come before the disk has what they say', async () => {
        const [warning, ...others] = await warningsOf(database.pool({ settings: '-c synchronous_commit=off' }).handle)
        expect(warning).toMatch(/synchronous_commit = off.*Set it to on/)
        expect(others).toEqual([])
      })
    } else {
      it('values that are cut instead of refused', async () => {
        const [warning, ...others] = await warningsOf(database.pool({ settings: "set sql_mode = ''" }).handle)
        expect(warning).toMatch(/not in strict mode.*Add STRICT_TRANS_TABLES/)
        expect(others).toEqual([])
      })
    }

    it('by console.warn, unless the program wants it elsewhere', async () => {
      const warn = vi.spyOn(console, 'warn').mockReturnValue()
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 600_000 })
      await databaseStore(database.pool().handle).migrate()
      expect(warn.mock.calls).toEqual([[expect.stringContaining('clock')]])
      warn.mockRestore()
    })
  })
})

function migratesWell(connect: () => DatabaseHandle): void {
  const tableName = (): string => `t_${randomUUID().slice(0, 8)}`

  it('several processes that start at the same time make one table', async () => {
    const options = { table: tableName(), index: ['accountId'] }
    const stores = Array.from({ length: 4 }, () => databaseStore(connect(), options))
    await Promise.all(stores.map(store => store.migrate()))
    const record = newRecord({ index: { accountId: 'a1' } })
    for (const store of stores) expect(await store.create(newId(), record)).toBe(true)
    for (const store of stores) expect(await findAll(store, 'accountId', 'a1')).toHaveLength(4)
  })

  it('a second start changes nothing', async () => {
    const table = tableName()
    const store = databaseStore(connect(), { table })
    const id = newId()
    await store.migrate()
    await store.create(id, newRecord())
    await store.migrate()
    await databaseStore(connect(), { table }).migrate()
    expect(await store.read(id)).not.toBeNull()
  })

  it('an index value that comes later gets its column, and one that goes keeps it', async () => {
    const table = tableName()
    const before = databaseStore(connect(), { table })
    await before.migrate()
    const id = newId()
    await before.create(id, newRecord({ index: { userId: 'ada' } }))

    const after = databaseStore(connect(), { table, index: ['accountId', 'tenant'] })
    await after.migrate()
    await after.create(newId(), newRecord({ index: { userId: 'ada', accountId: 'a1', tenant: 't1' } }))
    expect(await findAll(after, 'userId', 'ada')).toHaveLength(2)
    expect(await findAll(after, 'accountId', 'a1')).toHaveLength(1)
    expect(await after.deleteBy('tenant', 't1')).toBe(1)

    await before.migrate()
    expect(await before.read(id)).not.toBeNull()
  })

  it('the columns are found by the names that the programs give them, and are indexed', async () => {
    const table = tableName()
    const handle = connect()
    await databaseStore(handle, { table, index: ['accountId'] }).migrate()
    const { db } = openDatabase(handle).database
    const tables = await db.introspection.getTables()
    const columns = tables.find(({ name }) => name === table)?.columns.map(({ name }) => name)
    expect(columns?.toSorted()).toEqual([
      'account_id',
      'created_at',
      'expires_at',
      'id',
      'payload',
      'user_id',
      'version',
    ])
    for (const column of ['user_id', 'expires_at', 'account_id']) {
      const again = db.schema.createIndex(`${table}_${column}`).on(table).column(column).execute()
      await expect(again).rejects.toThrow(/already exists|Duplicate key name/)
    }
  })

  it('a start that was killed on its way is finished by the next one', async () => {
    const table = tableName()
    const handle = connect()
    const store = databaseStore(handle, { table, index: ['accountId'] })
    await store.migrate()
    const { db } = openDatabase(handle).database
    const unrecorded = db as unknown as Kysely<Record<string, { name: string }>>
    await unrecorded.deleteFrom(`keepsake_migration_${table}`).execute()
    const dropIndex = db.schema.dropIndex(`${table}_account_id`)
    await dropIndex
      .on(table)
      .execute()
      .catch(() => dropIndex.execute())
    await store.migrate()
    const again = db.schema.createIndex(`${table}_account_id`).on(table).column('account_id').execute()
    await expect(again).rejects.toThrow(/already exists|Duplicate key name/)
  })

  it('two stores in one database have a table each', async () => {
    const handle = connect()
    const stores = [
      databaseStore(handle, { table: tableName() }),
      databaseStore(handle, { table: tableName() }),
      databaseStore(handle),
    ]
    for (const store of stores) await store.migrate()
    const id = newId()
    for (const store of stores) expect(await store.create(id, newRecord())).toBe(true)
    expect(await stores[1]?.deleteExpired(new Date(8.64e15), { limit: 10 })).toBe(1)
    expect(await stores[0]?.read(id)).not.toBeNull()
    await stores[2]?.delete(id)
  })

  it('a table of that name which is not one of ours is left alone, and the error says what to do', async () => {
    const table = tableName()
    const handle = connect()
    // Other libraries have a table `session` too, and it may look alike.
    const { db } = openDatabase(handle).database
    await db.schema
      .createTable(table)
      .addColumn('id', 'varchar(255)', column => column.primaryKey())
      .addColumn('user_id', 'integer', column => column.notNull())
      .addColumn('expires_at', 'timestamp', column => column.notNull())
      .execute()
    const problem = await databaseStore(handle, { table })
      .migrate()
      .catch((error: unknown) => error)
    expect(isKeepsakeError(problem, 'OPTION_INVALID')).toBe(true)
    expect(String(problem)).toContain("{ table: 'keepsake_session' }")
    const tables = await db.introspection.getTables()
    expect(tables.find(({ name }) => name === table)?.columns).toHaveLength(3)
  })
}
