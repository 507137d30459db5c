import { beforeAll, describe, expect, it } from 'vitest'
import { type DatabaseStore, databaseStore } from '../../../src/stores/database/database-store.ts'
import { findAll, newId, newRecord, readExisting } from './samples.ts'
import { describeOnServers } from './sql-database.ts'

/** What a careless collation takes for the same text. */
const alike: Record<string, (text: string) => string> = {
  'in capitals': text => text.toUpperCase(),
  'in small letters': text => text.toLowerCase(),
  'with a blank at the end': text => `${text} `,
  'with many blanks at the end': text => text.padEnd(60),
  'with a blank before': text => ` ${text}`,
  'with an accent': text => text.replace('a', 'á'),
  'with a zero byte at the end': text => `${text}\0`,
  'cut short': text => text.slice(0, -1),
}

describeOnServers(database => {
  let store: DatabaseStore
  beforeAll(async () => {
    store = databaseStore(database.pool().handle)
    await store.migrate()
  })

  describe.each(Object.entries(alike))('a record is not found under its id %s', (_, change) => {
    const id = `aA${newId().slice(2)}`
    const record = newRecord({ index: { userId: 'ada Lovelace' } })
    beforeAll(() => store.create(id, record))

    // PostgreSQL refuses a zero byte in a text, which is as good an answer as that there is none.
    const answer = <T>(call: Promise<T>, refused: T): Promise<T> =>
      call.catch(error => (/invalid byte sequence/.test(error.message) ? refused : Promise.reject(error)))

    it('by read, replace and delete', async () => {
      const { version } = await readExisting(store, id)
      expect(await answer(store.read(change(id)), null)).toBeNull()
      expect(await answer(store.replace({ id: change(id), version }, id, record), false)).toBe(false)
      expect(await answer(store.replace({ id, version: change(version) }, id, record), false)).toBe(
        change(version) === version,
      )
      await answer(store.delete(change(id)), undefined)
      expect(await store.read(id)).not.toBeNull()
    })

    it('nor under its user', async () => {
      const user = change('ada Lovelace')
      expect(await answer(findAll(store, 'userId', user), [])).toEqual([])
      expect(await answer(store.deleteBy('userId', user), 0)).toBe(0)
      expect(await store.read(id)).not.toBeNull()
    })
  })

  it('a value that is too long for its column is refused, and changes nothing', async () => {
    const id = newId()
    await store.create(id, newRecord({ index: { userId: 'ada' } }))
    const { version } = await readExisting(store, id)
    const tooLong = newRecord({ index: { userId: 'a'.repeat(256) } })
    await expect(store.replace({ id, version }, id, tooLong)).rejects.toThrow(/too long/)
    await expect(store.create(newId(), tooLong)).rejects.toThrow(/too long/)
    expect((await readExisting(store, id)).version).toBe(version)
    expect(await findAll(store, 'userId', 'a'.repeat(255))).toEqual([])
  })
})
