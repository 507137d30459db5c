import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, describe, expect, it } from 'vitest'
import { newId, newRecord, newUser } from '../../testing/store-contract/samples.ts'
import type { IndexedRecord } from '../store.ts'
import { databaseStore } from './database-store.ts'
import { openDatabase } from './open-database.ts'

type Handle = DatabaseSync | BetterSqlite3.Database

const handles: Record<string, (file?: string) => Handle> = {
  'node:sqlite': (file = ':memory:') => new DatabaseSync(file),
  'better-sqlite3': (file = ':memory:') => new BetterSqlite3(file),
}

let files = 0
const directory = mkdtempSync(join(tmpdir(), 'keepsake-sqlite-'))
afterAll(() => rmSync(directory, { recursive: true }))

describe.each(Object.entries(handles))('on a handle of %s', (_, open) => {
  it('the rows that Kysely reads are objects, all at once and one by one', async () => {
    const handle = open()
    const store = databaseStore(handle)
    await store.migrate()
    const [id, record] = [newId(), newRecord()]
    await store.create(id, record)
    const query = openDatabase(handle).database.db.selectFrom('session').select(['id', 'payload'])
    const rows: unknown[] = await query.execute()
    for await (const row of query.stream()) rows.push(row)
    expect(rows).toEqual([
      { id, payload: record.payload },
      { id, payload: record.payload },
    ])
  })

  it('a session that is saved beside a transaction stays, though the transaction is undone', async () => {
    const handle = open()
    const store = databaseStore(handle)
    await store.migrate()
    const { db } = openDatabase(handle).database
    const id = newId()
    let saved: Promise<boolean> | undefined
    const transaction = db.transaction().execute(async () => {
      saved = store.create(id, newRecord())
      // Time enough for whoever does not wait.
      for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve))
      throw new Error('undone')
    })
    await expect(transaction).rejects.toThrow('undone')
    expect(await saved).toBe(true)
    expect(await store.read(id)).not.toBeNull()
  })

  it('sessions that are saved at once are committed at once, and one by one if they are not', async () => {
    const handle = open()
    const store = databaseStore(handle)
    await store.migrate()
    const runs = noteRuns(handle)
    const ids = [newId(), newId(), newId()]
    const saved = ids.map(id => store.create(id, newRecord()))
    expect(runs).toEqual([])
    expect(await Promise.all(saved)).toEqual([true, true, true])
    expect(runs).toEqual(['BEGIN', 'insert', 'insert', 'insert', 'COMMIT'])
    for (const id of ids) await store.delete(id)
    expect(runs.slice(5)).toEqual(['delete', 'delete', 'delete'])
  })

  it('of sessions that are saved at once, one that is refused does not take the others with it', async () => {
    const store = databaseStore(open())
    await store.migrate()
    const [one, another] = [newId(), newId()]
    const saved = [one, one, another].map(id => store.create(id, newRecord()))
    expect(await Promise.all(saved)).toEqual([true, false, true])
    expect([await store.read(one), await store.read(another)]).not.toContain(null)
  })

  it('a session is saved though a transaction that is undone begins before it is committed', async () => {
    const handle = open()
    const store = databaseStore(handle)
    await store.migrate()
    const ids = [newId(), newId()]
    const saved = ids.map(id => store.create(id, newRecord()))
    const transaction = openDatabase(handle).database.db.transaction()
    const undone = transaction.execute(async () => {
      await new Promise(resolve => setTimeout(resolve, 20))
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await Promise.all(saved)).toEqual([true, true])
    for (const id of ids) expect(await store.read(id)).not.toBeNull()
  })

  it('a full disk fails every session that it undid, and nothing is left half done', async () => {
    const handle = open(join(directory, `full-${files++}.db`))
    const store = databaseStore(handle)
    await store.migrate()
    const payload = 'x'.repeat(3000)
    await store.create(newId(), newRecord({ payload }))
    const { page_count: pages } = handle.prepare('PRAGMA page_count').get() as { page_count: number }
    handle.exec(`PRAGMA max_page_count = ${pages + 4}`)
    const ids = Array.from({ length: 12 }, newId)
    const outcomes = await Promise.allSettled(ids.map(id => store.create(id, newRecord({ payload }))))
    const told = outcomes.map(outcome => outcome.status === 'fulfilled' && outcome.value)
    expect(told).toContain(false)
    const found = await Promise.all(ids.map(async id => (await store.read(id)) !== null))
    expect(found).toEqual(told)
    handle.exec('PRAGMA max_page_count = 100000')
    expect(await Promise.all(ids.map((id, i) => told[i] || store.create(id, newRecord())))).not.toContain(false)
  })

  it('of sessions that are saved at once, one that a table of the program holds fast fails alone, and no transaction stays open', async () => {
    const handle = open()
    const store = databaseStore(handle)
    await store.migrate()
    const [held = '', ...others] = [newId(), newId(), newId()]
    for (const id of [held, ...others]) await store.create(id, newRecord())
    // What refers to a session is looked at when the transaction ends.
    handle.exec('create table cart (session references session (id) deferrable initially deferred)')
    handle.prepare('insert into cart values (?)').run(held)
    const [refused, ...deleted] = await Promise.allSettled([held, ...others].map(id => store.delete(id)))
    expect(String((refused as PromiseRejectedResult).reason)).toContain('FOREIGN KEY')
    expect(deleted.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    expect('isTransaction' in handle ? handle.isTransaction : handle.inTransaction).toBe(false)
    expect(await Promise.all([held, ...others].map(async id => (await store.read(id)) !== null))).toEqual([
      true,
      false,
      false,
    ])
  })

  it('of sessions that are saved at once, one whose trigger undoes the transaction fails alone', async () => {
    const handle = open()
    const store = databaseStore(handle)
    await store.migrate()
    const ids = [newId(), newId(), newId()]
    handle.exec(
      `create trigger refuse before insert on session when new.id = '${ids[1]}' begin select raise(rollback, 'no'); end`,
    )
    const outcomes = await Promise.allSettled(ids.map(id => store.create(id, newRecord())))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await Promise.all(ids.map(async id => (await store.read(id)) !== null))).toEqual([true, false, true])
  })

  it('another process that does not stop writing fails every session that waits for it, and none is saved', async () => {
    const file = join(directory, `locked-${files++}.db`)
    const [handle, other] = [open(file), open(file)]
    const store = databaseStore(handle)
    await store.migrate()
    handle.exec('PRAGMA busy_timeout = 0')
    const ids = [newId(), newId()]
    const saveAll = () => Promise.allSettled(ids.map(id => store.create(id, newRecord())))
    other.exec('BEGIN IMMEDIATE')
    for (const outcome of await saveAll()) expect(String((outcome as PromiseRejectedResult).reason)).toContain('locked')
    other.exec('ROLLBACK')
    expect(await saveAll()).toEqual(ids.map(() => ({ status: 'fulfilled', value: true })))
    for (const handle of [other, open(file)]) expect(await databaseStore(handle).read(ids[0] ?? '')).not.toBeNull()
  })

  it('a session that changes keeps its end and its user, and takes on others when they are given', async () => {
    const store = databaseStore(open(), { index: ['accountId'] })
    await store.migrate()
    const [id, ada, bob] = [newId(), newUser(), newUser()]
    const record = newRecord({ index: { userId: ada } })
    await store.create(id, record)
    const later = new Date(record.expiresAt.getTime() + 1)
    for (const changed of [
      { ...record, payload: 'changed' },
      { ...record, expiresAt: later },
      { ...record, index: {} },
      { ...record, index: { userId: bob } },
      { ...record, index: { userId: bob, accountId: 'a1' } },
    ]) {
      const { version } = (await store.read(id)) ?? { version: '' }
      expect(await store.replace({ id, version }, id, changed)).toBe(true)
      expect(await store.replace({ id, version }, id, record)).toBe(false)
      expect(await store.read(id)).toMatchObject({ payload: changed.payload, expiresAt: changed.expiresAt })
      const { userId, accountId }: { userId?: string; accountId?: string } = changed.index
      expect(await idsOf(store.find('userId', ada))).toEqual(userId === ada ? [id] : [])
      expect(await idsOf(store.find('userId', bob))).toEqual(userId === bob ? [id] : [])
      expect(await idsOf(store.find('accountId', 'a1'))).toEqual(accountId ? [id] : [])
    }
  })

  it('a session that changes in place writes to no index', async () => {
    const handle = open()
    const store = databaseStore(handle)
    await store.migrate()
    const [id, record] = [newId(), newRecord()]
    await store.create(id, record)
    const texts: string[] = []
    const prepare = handle.prepare.bind(handle)
    const noting = (text: string) => {
      texts.push(text)
      return prepare(text)
    }
    Object.assign(handle, { prepare: noting })
    const { version = '' } = (await store.read(id)) ?? {}
    await store.replace({ id, version }, id, { ...record, payload: 'changed' })
    const [update = '', ...others] = texts.filter(text => text.startsWith('update'))
    expect(others).toEqual([])
    const steps = prepare(`explain ${update.replaceAll('?', 'null')}`).all() as { opcode: string }[]
    expect(steps.filter(({ opcode }) => opcode === 'Insert')).toHaveLength(1)
    expect(steps.filter(({ opcode }) => opcode === 'IdxInsert')).toEqual([])
  })
})

/** Notes each statement that is run on a handle, and not asked for rows. */
function noteRuns(handle: Handle): string[] {
  const runs: string[] = []
  const prepare = handle.prepare.bind(handle) as (text: string) => object & { run: (...values: never[]) => unknown }
  Object.assign(handle, {
    prepare: (text: string) => {
      const statement = prepare(text)
      const run = statement.run.bind(statement)
      return Object.assign(statement, {
        run: (...values: never[]) => {
          runs.push(text.split(' ', 1).join())
          return run(...values)
        },
      })
    },
  })
  return runs
}

async function idsOf(found: AsyncIterable<IndexedRecord>): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of found) ids.push(id)
  return ids
}
