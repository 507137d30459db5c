import { type Dialect, Kysely, MysqlDialect, MysqlDriver, PostgresDialect, PostgresDriver } from 'kysely'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { createSessions } from '../../../src/create-sessions.ts'
import { type DatabaseStore, databaseStore } from '../../../src/stores/database/database-store.ts'
import { fakeClock } from '../../../src/testing/fake-clock.ts'
import { type Data, gate } from '../../support/site.ts'
import { startBusyVisitors } from '../busy-visitors.ts'
import { insertRows } from './many-rows.ts'
import { countStored, createMany, expiredRecord, newId, newRecord, readExisting } from './samples.ts'
import { describeOnServers, type SqlDatabase } from './sql-database.ts'

/** As many rows as a large site has, if asked for: KEEPSAKE_ROWS=10000000. */
const rows = Number(process.env.KEEPSAKE_ROWS ?? 100_000)

/** A statement that inserts or removes ten million rows takes minutes. */
const patience = 60_000 + rows / 5

// Where one statement would wait for another, it fails after a second in these stores: blocking is an error, not slowness.
describeOnServers(database => {
  let store: DatabaseStore
  let other: DatabaseStore

  beforeAll(async () => {
    store = databaseStore(database.pool({ impatient: true }).handle)
    other = databaseStore(database.pool({ impatient: true }).handle)
    await store.migrate()
  })
  beforeEach(() => database.query('truncate table session'))

  it('two sweepers side by side remove each expired record once, and no other', async () => {
    const expired = await createMany(store, 2000, expiredRecord)
    const live = await createMany(store, 200, newRecord)
    const sweepUp = async (sweeper: DatabaseStore): Promise<number> => {
      let total = 0
      for (let found = 1; found > 0; total += found) found = await sweeper.deleteExpired(new Date(), { limit: 100 })
      return total
    }
    const [one, two] = await Promise.all([sweepUp(store), sweepUp(other)])
    expect(one + two).toBe(expired.length)
    expect(await countStored(store, expired)).toBe(0)
    expect(await countStored(store, live)).toBe(live.length)
  })

  it('live sessions go on, and another sweeper too, while a sweep is not finished', async () => {
    const expired = await createMany(store, 100, expiredRecord)
    const [renewed = '', rotated = '', ended = ''] = await createMany(store, 50, newRecord)
    const sweep = slowSweep(database, 60)
    await sweep.reached
    for (const [was, id] of [
      [renewed, renewed],
      [rotated, newId()],
    ] as const) {
      const { version } = await readExisting(store, was)
      expect(await store.replace({ id: was, version }, id, newRecord())).toBe(true)
    }
    await store.delete(ended)
    expect(await createMany(store, 10, newRecord)).toHaveLength(10)
    expect(await other.deleteExpired(new Date(), { limit: 1000 })).toBe(40)
    sweep.open()
    expect(await sweep.done).toBe(60)
    expect(await countStored(store, expired)).toBe(0)
  })

  it('a sweep that looked as far as the first live session does not hold that one up, nor those created beside it', async () => {
    const endingIn = (ms: number) => () => newRecord({ expiresAt: new Date(Date.now() + ms) })
    const live = await createMany(store, 5, endingIn(60_000))
    const expired = await createMany(store, 10, expiredRecord)
    const sweep = slowSweep(database, 1000)
    await sweep.reached
    for (const id of live) {
      const { version } = await readExisting(store, id)
      expect(await store.replace({ id, version }, id, newRecord())).toBe(true)
    }
    expect(await createMany(store, 5, endingIn(1000))).toHaveLength(5)
    sweep.open()
    expect(await sweep.done).toBe(expired.length)
  })

  it('a sweep passes by what a request is just renewing or ending, and does not remove it later', async () => {
    const [renewing = '', ...expired] = await createMany(store, 20, expiredRecord)
    const request = await database.connect()
    await request.query('begin')
    await request.query(`update session set expires_at = ${Date.now() + 60_000} where id = '${renewing}'`)
    expect(await store.deleteExpired(new Date(), { limit: 100 })).toBe(expired.length)
    await request.query('commit')
    expect(await store.deleteExpired(new Date(), { limit: 100 })).toBe(0)
    expect(await store.read(renewing)).not.toBeNull()
  })

  it('sessions that are being used do not hold up a sweep', async () => {
    const live = await createMany(store, 20, newRecord)
    const expired = await createMany(store, 200, expiredRecord)
    const request = await database.connect()
    await request.query('begin')
    for (const id of live) await request.query(`update session set payload = 'x' where id = '${id}'`)
    expect(await store.deleteExpired(new Date(), { limit: 1000 })).toBe(expired.length)
    await request.query('rollback')
  })

  it('100,000 sessions that end in the same second: none goes before, all go after, and who is there notices nothing', async () => {
    const clock = fakeClock(new Date())
    const sessions = createSessions<Data>({ store, clock })
    const visitors = await startBusyVisitors(other, { clock })
    await insertRows(database, 100_000, `${clock() + 60_000} + n % 1000`)
    expect(await sessions.clearExpired()).toBe(0)
    clock.advance('2m')
    const progress: number[] = []
    const onProgress = (removed: number) => void progress.push(removed)
    expect(await sessions.clearExpired({ onProgress })).toBe(100_000)
    await visitors.stop()
    expect(progress).toEqual(Array.from({ length: 100 }, (_, batch) => (batch + 1) * 1000))
  })

  it(
    `of ${rows} records, nine in ten of them expired, two sweepers remove those, and who is there notices nothing`,
    async () => {
      const now = Date.now()
      await insertRows(database, rows, `case when n % 10 = 0 then ${now + 3_600_000} else ${now} - n end`)
      const visitors = await startBusyVisitors(store)
      const sweepers = [store, other].map(sweeper => createSessions<Data>({ store: sweeper }))
      const removed = await Promise.all(sweepers.map(sweeper => sweeper.clearExpired()))
      await visitors.stop()
      expect(removed.reduce((sum, count) => sum + count)).toBe(rows * 0.9)
      const [{ live } = {}] = await database.query("select count(*) as live from session where id like 'id%'")
      expect(Number(live)).toBe(rows / 10)
    },
    patience,
  )
})

/** A sweep that has removed its records, and waits before it commits, until it is let go. */
function slowSweep(
  database: SqlDatabase,
  limit: number,
): { reached: Promise<void>; open: () => void; done: Promise<number> } {
  const { wait, reached, open } = gate()
  const kysely = new Kysely<unknown>({ dialect: slowDialect(database, wait) })
  const sweep = (db: Kysely<unknown>): Promise<number> => databaseStore(db).deleteExpired(new Date(), { limit })
  // In PostgreSQL a sweep is one statement, and its locks last as long as the transaction around it.
  const done = database.kind === 'postgres' ? kysely.transaction().execute(sweep) : sweep(kysely)
  return { reached, open, done }
}

function slowDialect(database: SqlDatabase, wait: () => Promise<void>): Dialect {
  const pool = database.pool().handle as never
  const slow = <Driver extends MysqlDriver | PostgresDriver>(driver: Driver): Driver => {
    const commit = driver.commitTransaction.bind(driver)
    driver.commitTransaction = async (connection: never) => {
      await wait()
      await commit(connection)
    }
    return driver
  }
  if (database.kind === 'postgres') {
    const dialect = new PostgresDialect({ pool })
    return Object.assign(dialect, { createDriver: () => slow(new PostgresDriver({ pool })) })
  }
  const dialect = new MysqlDialect({ pool })
  return Object.assign(dialect, { createDriver: () => slow(new MysqlDriver({ pool })) })
}
