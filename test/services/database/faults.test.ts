import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSessions, type SessionOptions } from '../../../src/index.ts'
import { type DatabaseStore, databaseStore } from '../../../src/stores/database/database-store.ts'
import { fakeClock } from '../../../src/testing/fake-clock.ts'
import { Browser, type Data, type Page, site } from '../../support/site.ts'
import { describeWithService } from '../describe-with-service.ts'
import { createMany, findAll, newId, newRecord, newUser, readExisting } from './samples.ts'
import { describeOnServers, mariadbDatabase, postgresDatabase, until } from './sql-database.ts'

const pages: Record<string, Page> = {
  '/count': async session => (await session()).update('count', (n = 0) => n + 1),
  '/read': async session => (await session()).get('count') ?? null,
}

function visitorOf(store: DatabaseStore, options: Partial<SessionOptions<Data>> = {}): Browser {
  return new Browser(site(createSessions<Data>({ store, ...options }), pages))
}

describeOnServers(database => {
  beforeAll(() => databaseStore(database.pool().handle).migrate())
  beforeEach(() => database.query('delete from session'))

  it('where every connection is busy, the answer is 503 at the deadline, and the visitor stays', async () => {
    const pool = database.pool({ max: 2 })
    const visitor = visitorOf(databaseStore(pool.handle), { storeDeadline: '200ms' })
    await visitor.see('/count')
    const sleep = database.kind === 'postgres' ? 'select pg_sleep(600)' : 'select sleep(600)'
    const busy = [pool.query(sleep), pool.query(sleep)].map(query => query.catch(() => undefined))
    const answers = await Promise.all([1, 2, 3].map(() => visitor.open('/read')))
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503])
    expect(answers.flatMap(({ headers }) => headers.getSetCookie())).toEqual([])

    const wakeAll =
      database.kind === 'postgres'
        ? `select pg_cancel_backend(pid) from pg_stat_activity where query = '${sleep}'`
        : `select concat('kill query ', id) as kill_one from information_schema.processlist where info = '${sleep}'`
    for (const { kill_one } of await database.query(wakeAll)) if (kill_one) await database.query(String(kill_one))
    await Promise.all(busy)
    await until(async () => (await visitor.open('/read')).status === 200)
    expect(await visitor.see('/read')).toBe(1)
  })

  it('a statement that the database undid because of a deadlock is run again', async () => {
    const store = databaseStore(database.pool().handle)
    const user = { index: { userId: 'ada' } }
    const ids = (await createMany(store, 2, () => newRecord(user))).toSorted()
    const others = await createMany(store, 10, newRecord)
    const request = await database.connect()
    await request.query('begin')
    // The database gives up whoever has waited for long (PostgreSQL) or has changed less (MariaDB): not this one.
    if (database.kind === 'postgres') await request.query("set local deadlock_timeout = '30s'")
    const change = (id: string | undefined) => request.query(`update session set payload = 'x' where id = '${id}'`)
    for (const id of others) await change(id)
    const [first, second] = await inOrderOfDeletion(store, ids)
    await change(second)
    const revoked = store.deleteBy('userId', 'ada')
    await database.someoneWaits()
    await change(first)
    await request.query('commit')
    expect(await revoked).toBe(2)
    expect(await findAll(store, 'userId', 'ada')).toEqual([])
  })

  it("a session ends by the program's clock, however wrong the database finds it", async () => {
    const store = databaseStore(database.pool().handle)
    for (const minutes of [-10, 10]) {
      const clock = fakeClock(new Date(Date.now() + minutes * 60_000))
      const sessions = createSessions<Data>({ store, clock, idleTimeout: '5m' })
      const visitor = new Browser(site(sessions, pages))
      expect(await visitor.see('/count')).toBe(1)
      expect(await sessions.clearExpired()).toBe(0)
      expect(await visitor.see('/read')).toBe(1)
      clock.advance('6m')
      expect(await visitor.see('/read')).toBeNull()
      expect(await sessions.clearExpired()).toBe(1)
    }
  })
})

/** A statement on the rows of one user takes them in the order of the index: of the keys in MariaDB, of birth in PostgreSQL. */
async function inOrderOfDeletion(store: DatabaseStore, ids: readonly string[]): Promise<string[]> {
  const found = await findAll(store, 'userId', 'ada')
  expect(found.map(({ id }) => id).toSorted()).toEqual(ids)
  return found.map(({ id }) => id)
}

describeWithService('postgres', address => {
  const database = postgresDatabase(address)
  beforeAll(() => databaseStore(database.pool().handle).migrate())

  it.each(['repeatable read', 'serializable'])(
    'requests that collide where the program chose %s are saved all the same',
    async isolation => {
      const settings = `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`
      const store = databaseStore(database.pool({ settings }).handle)
      const id = newId()
      await store.create(id, newRecord())
      const { version } = await readExisting(store, id)
      const request = await database.connect()
      await request.query('begin')
      await request.query(`update session set created_at = created_at where id = '${id}'`)
      const replaced = store.replace({ id, version }, id, newRecord())
      await database.someoneWaits()
      // From here on, the statement that waits is refused with 40001.
      await request.query('commit')
      expect(await replaced).toBe(true)
    },
  )

  it('a database that undoes a statement again and again is given up soon, and says so with 503', async () => {
    const store = databaseStore(database.pool().handle, { table: 'quarrel' })
    await store.migrate()
    await store.create('before', newRecord())
    await database.query('create sequence tries')
    await database.query(`create function undo() returns trigger language plpgsql as $$
      begin perform nextval('tries'); raise exception 'undone' using errcode = '40001'; end $$`)
    await database.query('create trigger undo before insert on quarrel execute function undo()')
    const problem = await store.create(newId(), newRecord()).catch((error: unknown) => error)
    expect(problem).toMatchObject({ code: 'SESSION_CONFLICT', status: 503, cause: { code: '40001' } })
    expect(await database.query('select last_value::int as tries from tries')).toEqual([{ tries: 6 }])
    expect(await store.read('before')).not.toBeNull()
  })

  describe('behind a pooler that gives each transaction another connection', () => {
    it('statements whose names are gone, or taken, are run without', async () => {
      const pool = database.pool({ max: 1 })
      const store = databaseStore(pool.handle)
      const [id, record] = [newId(), newRecord()]
      expect(await store.read(id)).toBeNull()
      const [used] = await pool.query('select name, statement from pg_prepared_statements')
      expect(used?.name).toMatch(/^keepsake_[0-9a-f]{32}$/)
      await pool.query('deallocate all')
      expect(await store.read(id)).toBeNull()

      const others = databaseStore(pool.handle)
      await pool.query(`prepare ${used?.name} as select 1`)
      expect(await others.create(id, record)).toBe(true)
      expect(await others.read(id)).toMatchObject({ payload: record.payload })
      // The driver gave up the connection that refused a statement. Nothing has a name on the next one.
      expect(await pool.query('select name from pg_prepared_statements')).toEqual([])
    })
  })
})

describeWithService('mariadb', address => {
  const database = mariadbDatabase(address)
  beforeAll(() => databaseStore(database.pool().handle).migrate())

  it.each(['READ-COMMITTED', 'REPEATABLE-READ'])(
    'at %s, a user whose session rotates while all are ended has none left',
    async isolation => {
      const store = databaseStore(database.pool({ settings: `set tx_isolation = '${isolation}'` }).handle)
      const user = { index: { userId: newUser() } }
      const [, locked = '', last = ''] = (await createMany(store, 3, () => newRecord(user))).toSorted()
      const { version } = await readExisting(store, last)
      const request = await database.connect()
      await request.query('begin')
      await request.query(`update session set created_at = created_at where id = '${locked}'`)
      const revoked = store.deleteBy('userId', user.index.userId)
      await database.someoneWaits()
      // It has looked at the first session, and waits for the second. The third one goes to where it has looked already.
      const rotated = store.replace({ id: last, version }, '0'.repeat(43), newRecord(user))
      await Promise.race([rotated, database.someoneWaits(2)])
      await request.query('commit')
      await Promise.all([revoked, rotated])
      expect(await findAll(store, 'userId', user.index.userId)).toEqual([])
    },
  )

  it('data that are larger than the server takes are refused, and the pool goes on', async () => {
    const store = databaseStore(database.pool({ max: 1 }).handle)
    const id = newId()
    const [{ size } = {}] = await database.query('select @@max_allowed_packet as size')
    const tooLarge = newRecord({ payload: 'x'.repeat(Number(size)) })
    const refusal = await store.create(id, tooLarge).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'SESSION_TOO_LARGE', status: 500, cause: { errno: 1153 } })
    await until(() => answers(store))
    expect(await store.read(id)).toBeNull()
    expect(await store.create(id, newRecord())).toBe(true)
  })

  it('a connection that the server ended is replaced', async () => {
    const pool = database.pool({ max: 1 })
    const store = databaseStore(pool.handle)
    const [{ id } = {}] = await pool.query('select connection_id() as id')
    await database.query(`kill ${id}`)
    await until(() => answers(store))
  })

  it('data with quotes and backslashes stay data where the server takes a backslash as it is', async () => {
    const store = databaseStore(
      database.pool({ settings: "set sql_mode = 'NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'" }).handle,
    )
    const [id, payload] = [newId(), `\\', version = 'x' where 1 = 1 -- \\`]
    await store.create(id, newRecord({ payload, index: { userId: payload } }))
    expect((await readExisting(store, id)).payload).toBe(payload)
    expect(await findAll(store, 'userId', payload)).toHaveLength(1)
    const other = newId()
    await store.create(other, newRecord())
    expect(await store.deleteBy('userId', payload, { except: payload })).toBe(1)
    expect(await store.read(other)).not.toBeNull()
  })
})

function answers(store: DatabaseStore): Promise<boolean> {
  return store.read(newId()).then(
    () => true,
    () => false,
  )
}
