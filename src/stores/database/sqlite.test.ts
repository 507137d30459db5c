import { DatabaseSync } from 'node:sqlite'
import BetterSqlite3 from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { newId, newRecord, newUser } from '../../testing/store-contract/samples.ts'
import type { IndexedRecord } from '../store.ts'
import { databaseStore } from './database-store.ts'
import { openDatabase } from './open-database.ts'

const handles = {
  'node:sqlite': () => new DatabaseSync(':memory:'),
  'better-sqlite3': () => new BetterSqlite3(':memory:'),
}

describe.each(Object.entries(handles))('on a handle of %s', (_, open) => {
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

async function idsOf(found: AsyncIterable<IndexedRecord>): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of found) ids.push(id)
  return ids
}
