import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SessionStore } from '../../stores/store.ts'
import { assertHolds, atOnce, countTrue, createAndRead, newId, newRecord, readExisting } from './samples.ts'
import type { Suite } from './suite.ts'

/** The sentences of `SessionStore` once more, for many callers at the same time. */
export function tellOfRaces(suite: Suite<SessionStore>): void {
  tellOfRacesForOneRecord(suite)
  tellOfRacesAgainstTheEnd(suite)
}

function tellOfRacesForOneRecord({ story }: Suite<SessionStore>): void {
  story('of 50 creates of one id, exactly one is true, and its record is there', async store => {
    const id = newId()
    const records = Array.from({ length: 50 }, () => newRecord())
    const created = await Promise.all(records.map(record => store.create(id, record)))
    assert.equal(countTrue(created), 1)
    await assertHolds(store, id, records[created.indexOf(true)] ?? null)
  })

  story('of 200 replaces of one version, exactly one wins, version after version', async store => {
    const id = newId()
    let { version } = await createAndRead(store, id)
    for (let round = 1; round <= 5; round++) {
      const was = { id, version }
      const records = Array.from({ length: 200 }, () => newRecord())
      const replaced = await Promise.all(records.map(record => store.replace(was, id, record)))
      assert.equal(countTrue(replaced), 1, `winners of round ${round}`)
      await assertHolds(store, id, records[replaced.indexOf(true)] ?? null)
      version = (await readExisting(store, id)).version
    }
  })

  story('of 20 rotations of one record, exactly one wins, and leaves one record', async store => {
    const id = newId()
    const { version } = await createAndRead(store, id)
    const targets = Array.from({ length: 20 }, newId)
    const rotated = await Promise.all(targets.map(next => store.replace({ id, version }, next, newRecord())))
    assert.equal(countTrue(rotated), 1)
    assert.equal(await store.read(id), null)
    const found = await Promise.all(targets.map(async next => (await store.read(next)) !== null))
    assert.deepEqual(found, rotated)
  })

  story('of 20 records that rotate to one new id, exactly one does, and the others stay', async store => {
    const [ids, next] = [Array.from({ length: 20 }, newId), newId()]
    const rotated = await Promise.all(
      ids.map(async id => {
        const { version } = await createAndRead(store, id)
        return store.replace({ id, version }, next, newRecord())
      }),
    )
    assert.equal(countTrue(rotated), 1)
    assert.ok(await store.read(next))
    const left = await Promise.all(ids.map(async id => (await store.read(id)) === null))
    assert.deepEqual(left, rotated)
  })
}

function tellOfRacesAgainstTheEnd({ story }: Suite<SessionStore>): void {
  story('a record that is deleted while others replace it is gone, whoever came first', async store => {
    await atOnce(30, async n => {
      const id = newId()
      const { version } = await createAndRead(store, id)
      const replaces = (count: number) => atOnce(count, () => store.replace({ id, version }, id, newRecord()))
      await Promise.all([replaces(n % 3), store.delete(id), replaces(2)])
      assert.equal(await store.read(id), null)
    })
  })

  story('a record that is deleted while it rotates is under the new id or gone, never under the old', async store => {
    await atOnce(30, async n => {
      const [id, next] = [newId(), newId()]
      const { version } = await createAndRead(store, id)
      const rotate = () => store.replace({ id, version }, next, newRecord())
      const early = n % 2 === 0 ? rotate() : false
      const [, rotated] = await Promise.all([store.delete(id), early || rotate()])
      assert.equal(await store.read(id), null)
      assert.equal((await store.read(next)) !== null, rotated)
    })
  })

  story('nobody ever reads a rotating record under both ids', async store => {
    await atOnce(20, async () => {
      const [id, next] = [newId(), newId()]
      const { version } = await createAndRead(store, id)
      let rotating = true
      const rotated = store.replace({ id, version }, next, newRecord()).finally(() => {
        rotating = false
      })
      while (rotating) {
        // In this order: what is under the new id by now has left the old one before the second read begins.
        const isThere = (await store.read(next)) !== null
        const isHere = (await store.read(id)) !== null
        assert.ok(!(isThere && isHere), 'found under both ids')
        await nextTurn()
      }
      assert.equal(await rotated, true)
    })
  })
}
