import BetterSqlite3 from 'better-sqlite3'
import {
  CamelCasePlugin,
  type Dialect,
  DummyDriver,
  Kysely,
  MssqlAdapter,
  MssqlIntrospector,
  MssqlQueryCompiler,
} from 'kysely'
import mysql from 'mysql2'
import mysqlPromise from 'mysql2/promise'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { type DatabaseHandle, databaseStore } from '../../../src/stores/database/database-store.ts'
import { expiredRecord, findAll, newId, newRecord, newUser } from './samples.ts'
import { describeOnServers } from './sql-database.ts'

describeOnServers(database => {
  it("is not confused by the plugins of the program's own Kysely", async () => {
    const kysely = new Kysely({ dialect: database.dialect(), plugins: [new CamelCasePlugin()] })
    const store = databaseStore(kysely, { index: ['accountId'] })
    await store.migrate()
    const [id, user] = [newId(), newUser()]
    const record = newRecord({ index: { userId: user, accountId: user } })
    await store.create(id, record)
    const found = { id, payload: record.payload, expiresAt: record.expiresAt }
    expect(await findAll(store, 'accountId', user)).toEqual([expect.objectContaining(found)])
    expect(await store.deleteBy('userId', user)).toBe(1)
  })

  it('says what to do where the table is missing', async () => {
    const store = databaseStore(database.pool().handle, { table: 'never_made' })
    const calls = [
      store.read(newId()),
      store.create(newId(), newRecord()),
      store.replace({ id: newId(), version: 'v' }, newId(), newRecord()),
      store.delete(newId()),
      findAll(store, 'userId', 'ada'),
      store.deleteBy('userId', 'ada'),
      store.deleteExpired(new Date(), { limit: 1 }),
    ]
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'TABLE_MISSING', status: 503 } })
    }
  })

  it("leaves the connections of the program's pool as they were", async () => {
    const { handle, query } = database.pool({ max: 1 })
    const settings = () =>
      query(
        database.kind === 'postgres'
          ? 'select name, setting from pg_settings'
          : // The time of the last statement is no setting.
            "show session variables where variable_name not like '%timestamp%'",
      )
    const before = await settings()
    const store = databaseStore(handle)
    await store.migrate()
    await store.create(newId(), expiredRecord())
    expect(await store.deleteExpired(new Date(), { limit: 10 })).toBeGreaterThan(0)
    expect(await settings()).toEqual(before)
  })
})

describe('what is no handle is refused when the store is made', () => {
  const wrong: Record<string, object | null | undefined> = {
    'a single client of pg': new pg.Client(),
    'a single connection of mysql2': mysql.createConnection({ host: '127.0.0.1', port: 1 }).on('error', () => {}),
    nothing: undefined,
    null: null,
    'an address': new URL('postgres://localhost/app'),
  }
  it.each(Object.entries(wrong))('%s', (_, handle) => {
    expect(() => databaseStore(handle as DatabaseHandle)).toThrow(/OPTION_INVALID.*Pool of pg/)
  })

  it('a Kysely instance of another database', () => {
    const dialect: Dialect = {
      createAdapter: () => new MssqlAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: db => new MssqlIntrospector(db),
      createQueryCompiler: () => new MssqlQueryCompiler(),
    }
    expect(() => databaseStore(new Kysely({ dialect }))).toThrow(/neither SQLite, PostgreSQL nor MySQL/)
  })

  it('a pool of either flavour is taken, though nothing listens yet', () => {
    const nowhere = { host: '127.0.0.1', port: 1 }
    for (const pool of [new pg.Pool(nowhere), mysql.createPool(nowhere), mysqlPromise.createPool(nowhere)]) {
      expect(databaseStore(pool).read).toBeTypeOf('function')
    }
  })
})

describe('options that name what cannot be named are refused when the store is made', () => {
  const database = new BetterSqlite3(':memory:')
  it.each(['', 'my-sessions', 'app.session', '1st', 'x'.repeat(33), 'session; drop table users'])('table %j', table => {
    expect(() => databaseStore(database, { table })).toThrow(/OPTION_INVALID.*table/)
  })
  it.each(['', 'userId', 'payload', 'expiresAt', 'AccountId', 'account_id', 'a b', 'x'.repeat(31)])(
    'index %j',
    name => {
      expect(() => databaseStore(database, { index: [name] })).toThrow(/OPTION_INVALID.*index/)
    },
  )
})
