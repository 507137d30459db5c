import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type DatabaseStore, databaseStore } from '../../../src/stores/database/database-store.ts'
import type { SessionRecord } from '../../../src/stores/store.ts'
import { describeWithService } from '../describe-with-service.ts'
import { createMany, newId, newRecord, readExisting } from './samples.ts'
import { describeOnServers, postgresDatabase, until } from './sql-database.ts'

const old = (): SessionRecord => newRecord({ payload: 'old' })

/** Changes what is stored under these ids, all in one turn of the event loop. */
async function changesOf(store: DatabaseStore, ids: readonly string[], payload: string): Promise<Promise<boolean>[]> {
  const versions = await Promise.all(ids.map(async id => (await readExisting(store, id)).version))
  const change = (id: string, i: number) =>
    store.replace({ id, version: versions[i] ?? '' }, id, newRecord({ payload }))
  return ids.map(change)
}

const changeAll = async (store: DatabaseStore, ids: readonly string[], payload: string): Promise<boolean[]> =>
  Promise.all(await changesOf(store, ids, payload))

const payloadsOf = (store: DatabaseStore, ids: readonly string[]): Promise<(string | undefined)[]> =>
  Promise.all(ids.map(async id => (await store.read(id))?.payload))

describeOnServers(database => {
  let store: DatabaseStore
  beforeAll(async () => {
    store = databaseStore(database.pool().handle, { index: ['accountId'] })
    await store.migrate()
  })

  describe('visitors who come in the same moment', () => {
    it('find each their own session, and those who have none find none', async () => {
      const ids = Array.from({ length: 250 }, newId)
      await Promise.all(ids.map((id, i) => i % 5 > 0 && store.create(id, newRecord({ payload: `of ${id}` }))))
      const asked = [...ids, ...ids.slice(0, 50)]
      expect(await payloadsOf(store, asked)).toEqual(
        asked.map(id => (ids.indexOf(id) % 5 > 0 ? `of ${id}` : undefined)),
      )
    })

    it('change each their own session, with its end and its index values', async () => {
      const ids = await createMany(store, 40, newRecord)
      const records = ids.map((id, i) =>
        newRecord({
          payload: `{"quoted": "\\"${id}\\"", "ünï": "😀"}`,
          expiresAt: new Date(2_000_000_000_000 + i),
          index: i % 2 ? { userId: `user ${id}` } : { accountId: `ac"count ${id}` },
        }),
      )
      const was = await Promise.all(ids.map(id => readExisting(store, id)))
      const changes = ids.map((id, i) =>
        store.replace({ id, version: was[i]?.version ?? '' }, id, records[i] ?? newRecord()),
      )
      expect(new Set(await Promise.all(changes))).toEqual(new Set([true]))
      for (const [i, id] of ids.entries()) {
        const { payload, expiresAt, index } = records[i] ?? newRecord()
        const found = await readExisting(store, id)
        expect(found).toMatchObject({ payload, expiresAt })
        expect(found.version).not.toBe(was[i]?.version)
        const [[name, value] = ['', '']] = Object.entries(index)
        for await (const { id: another } of store.find(name, value)) expect(another).toBe(id)
        expect(await store.deleteBy(name, value, { except: id })).toBe(0)
      }
    })

    it('do not share an error: what one of them cannot store the others can', async () => {
      const ids = await createMany(store, 10, old)
      const versions = await Promise.all(ids.map(async id => (await readExisting(store, id)).version))
      const outcomes = await Promise.allSettled(
        ids.map((id, i) => {
          const index = i === 3 ? { userId: 'a'.repeat(256) } : {}
          return store.replace({ id, version: versions[i] ?? '' }, id, newRecord({ payload: 'new', index }))
        }),
      )
      expect(outcomes.map(({ status }) => status)).toEqual(ids.map((_, i) => (i === 3 ? 'rejected' : 'fulfilled')))
      expect(await payloadsOf(store, ids)).toEqual(ids.map((_, i) => (i === 3 ? 'old' : 'new')))
    })

    it('of two changes of one session in the same moment, one is refused', async () => {
      const [id = '', other = ''] = await createMany(store, 2, newRecord)
      const [{ version }, { version: others }] = [await readExisting(store, id), await readExisting(store, other)]
      const changes = [
        store.replace({ id, version }, id, newRecord({ payload: 'first' })),
        store.replace({ id: other, version: others }, other, newRecord()),
        store.replace({ id, version }, id, newRecord({ payload: 'second' })),
      ]
      const [first, , second] = await Promise.all(changes)
      expect([first, second].toSorted()).toEqual([false, true])
      expect((await store.read(id))?.payload).toBe(first ? 'first' : 'second')
    })

    it('a change that comes too late takes nothing from one of the same session in the same moment', async () => {
      const [id = '', other = ''] = await createMany(store, 2, newRecord)
      const past = await readExisting(store, id)
      await changeAll(store, [id], 'newer')
      const [now, { version: others }] = [await readExisting(store, id), await readExisting(store, other)]
      const changes = [
        store.replace({ id, version: past.version }, id, newRecord({ payload: 'late' })),
        store.replace({ id: other, version: others }, other, newRecord()),
        store.replace({ id, version: now.version }, id, newRecord({ payload: 'newest' })),
      ]
      expect(await Promise.all(changes)).toEqual([false, true, true])
      expect((await store.read(id))?.payload).toBe('newest')
    })
  })
})

describeWithService('postgres', address => {
  const database = postgresDatabase(address)
  let store: DatabaseStore
  beforeAll(() => databaseStore(database.pool().handle).migrate())
  beforeEach(async () => {
    store = databaseStore(database.pool({ max: 1 }).handle)
    await database.query('drop trigger if exists own on session')
  })

  /** A trigger of the program's own that does this at each change of a session, or of this one. */
  async function onUpdate(body: string, id?: string): Promise<void> {
    await database.query(`create or replace function own() returns trigger language plpgsql as
      $$ begin ${body}; return new; end $$`)
    const when = id ? `when (new.id = '${id}')` : ''
    await database.query(`create trigger own before update on session for each row ${when} execute function own()`)
  }

  it('a connection that breaks while many sessions are read fails none of them', async () => {
    const ids = await createMany(store, 20, old)
    const other = await database.connect()
    await other.query('begin')
    await other.query('lock table session in access exclusive mode')
    const read = payloadsOf(store, ids)
    await database.someoneWaits()
    await other.query("select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'")
    await database.someoneWaits()
    await other.query('commit')
    expect(await read).toEqual(ids.map(() => 'old'))
  })

  it('a connection that breaks while many sessions are saved fails all of them: nobody knows what was done', async () => {
    const ids = await createMany(store, 20, old)
    const other = await database.connect()
    await other.query('begin')
    await other.query('lock table session in share mode')
    const saved = Promise.allSettled([changeAll(store, ids, 'new')])
    await database.someoneWaits()
    await other.query("select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'")
    expect(await saved).toMatchObject([{ status: 'rejected', reason: { code: '57P01' } }])
    await other.query('commit')
    expect(await payloadsOf(store, ids)).toEqual(ids.map(() => 'old'))
  })

  it('a session that a row of the program refers to is changed all the same', async () => {
    const ids = await createMany(store, 3, old)
    await database.query(
      'create table cart (session varchar(43) collate "C" references session (id) on delete cascade)',
    )
    const shopping = await database.connect()
    await shopping.query('begin')
    await shopping.query(`insert into cart values ('${ids[0]}')`)
    expect(await changeAll(store, ids, 'new')).toEqual([true, true, true])
    await shopping.query('commit')
  })

  it.each([
    ["whom the program's own trigger refuses", "raise exception 'no'"],
    ['whose change the database undoes every time', "raise exception 'no' using errcode = '40001'"],
    ['whose change takes longer than a statement may', 'perform pg_sleep(600)'],
  ])('one %s does not fail the others', async (_, body) => {
    store = databaseStore(database.pool({ settings: '-c statement_timeout=500' }).handle)
    const ids = await createMany(store, 4, old)
    await onUpdate(body, ids[1])
    const outcomes = await Promise.allSettled(await changesOf(store, ids, 'new'))
    expect(outcomes.map(({ status }) => status)).toEqual(ids.map((_, i) => (i === 1 ? 'rejected' : 'fulfilled')))
    expect(await payloadsOf(store, ids)).toEqual(ids.map((_, i) => (i === 1 ? 'old' : 'new')))
  })

  it("once the program's own trigger has made saves wait in a circle, none waits for another visitor's any more", async () => {
    store = databaseStore(database.pool().handle)
    const ids = await createMany(store, 2, old)
    await database.query('create table account as select id from session')
    await onUpdate('perform 1 from account where id = new.id for update')
    const other = await database.connect()
    const lock = (table: string, id = '') => other.query(`select 1 from ${table} where id = '${id}' for update`)
    await other.query('begin')
    // The database gives up whoever has waited for long: not this one.
    await other.query("set local deadlock_timeout = '30s'")
    await lock('account', ids[0])
    const saved = changeAll(store, ids, 'new')
    await database.someoneWaits()
    await lock('session', ids[0])
    await other.query('commit')
    expect(await saved).toEqual([true, true])

    await other.query('begin')
    await lock('account', ids[0])
    const [first, second] = await changesOf(store, ids, 'newer')
    expect(await second).toBe(true)
    await other.query('commit')
    expect(await first).toBe(true)
  })

  it('nobody waits for a session that somebody has locked: that one is changed later, the others now', async () => {
    const ids = await createMany(store, 5, newRecord)
    const [first = '', ...others] = ids
    const locking = await database.connect()
    await locking.query('begin')
    await locking.query(`select 1 from session where id = '${first}' for update`)
    expect(await changeAll(store, ids, 'new')).toEqual([false, true, true, true, true])
    await locking.query('commit')
    expect(await payloadsOf(store, others)).toEqual(others.map(() => 'new'))
    await until(async () => (await changeAll(store, [first, ...others], 'newer')).every(done => done))
  })
})
