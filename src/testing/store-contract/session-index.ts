import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { IndexedRecord, SessionIndex, SessionRecord, SessionStore } from '../../stores/store.ts'
import { assertHolds, atOnce, createAndRead, newId, newRecord, newUser, readExisting } from './samples.ts'
import type { Suite } from './suite.ts'

type IndexedStore = SessionStore & SessionIndex

/** The sentences of `SessionIndex`. */
export function tellOfSessionIndex(suite: Suite<IndexedStore>): void {
  suite.group('find(name, value)', () => {
    tellOfFind(suite)
    tellOfFollowing(suite)
  })
  suite.group('deleteBy(name, value, { except })', () => tellOfDeleteBy(suite))
}

/** A record of this user. */
function recordOf(userId: string, changes: Partial<SessionRecord> = {}): SessionRecord {
  return newRecord({ index: { userId }, ...changes })
}

/** Stores so many records of a user, and gives their ids. */
function createMany(store: IndexedStore, userId: string, count: number): Promise<string[]> {
  return atOnce(count, async () => {
    const id = newId()
    await createAndRead(store, id, recordOf(userId))
    return id
  })
}

async function find(store: IndexedStore, userId: string): Promise<IndexedRecord[]> {
  const found: IndexedRecord[] = []
  for await (const record of store.find('userId', userId)) found.push(record)
  return found
}

async function assertFinds(store: IndexedStore, userId: string, ids: readonly string[]): Promise<void> {
  const found = await find(store, userId)
  assert.deepEqual(found.map(({ id }) => id).sort(), [...ids].sort())
}

function tellOfFind({ story }: Suite<IndexedStore>): void {
  story(
    'Each record whose index has this value under this name, in no particular order; expired ones may be among them.',
    async store => {
      const [alice, bob] = [newUser(), newUser()]
      const hers = await createMany(store, alice, 30)
      const his = await createMany(store, bob, 2)
      const over = newId()
      await store.create(newId(), newRecord())
      await store.create(over, recordOf(bob, { expiresAt: new Date(Date.now() - 60_000) }))
      await assertFinds(store, alice, hers)
      const found = (await find(store, bob)).map(({ id }) => id)
      assert.deepEqual(found.filter(id => id !== over).sort(), his.sort())
      await assertFinds(store, newUser(), [])
    },
  )

  story('finds what read(id) would: payload, expiry and version', async store => {
    const [id, user] = [newId(), newUser()]
    const record = recordOf(user)
    const read = await createAndRead(store, id, record)
    const [found] = await find(store, user)
    assert.ok(found)
    assert.equal(found.payload, record.payload)
    assert.equal(found.expiresAt.getTime(), record.expiresAt.getTime())
    assert.equal(found.version, read.version)
    assert.equal(await store.replace(found, id, recordOf(user)), true)
  })

  story('takes a value as it is: case, accents, blanks, quotes and wildcards count', async store => {
    const user = newUser()
    const alike = [user, user.toUpperCase(), `${user} `, ` ${user}`, `${user}%`, `${user}_`, `${user}*`]
    const others = [`${user}'`, `${user}"`, `${user}:x`, `${user}{x}`, `${user}é`, `${user}e`, `${user}\\`]
    for (const value of [...alike, ...others]) {
      const id = newId()
      await createAndRead(store, id, recordOf(value))
      await assertFinds(store, value, [id])
    }
  })

  story('may be left before its end', async store => {
    const user = newUser()
    await createMany(store, user, 3)
    for await (const { payload } of store.find('userId', user)) {
      assert.equal(typeof payload, 'string')
      break
    }
    assert.equal((await find(store, user)).length, 3)
  })
}

function tellOfFollowing({ story }: Suite<IndexedStore>): void {
  story('finds a record under the value that it was last stored with', async store => {
    const [id, next, alice, bob] = [newId(), newId(), newUser(), newUser()]
    const { version } = await createAndRead(store, id, recordOf(alice))
    await store.replace({ id, version }, id, recordOf(bob))
    await assertFinds(store, alice, [])
    await assertFinds(store, bob, [id])
    await store.replace({ id, version: (await readExisting(store, id)).version }, next, recordOf(alice))
    await assertFinds(store, bob, [])
    await assertFinds(store, alice, [next])
    await store.replace({ id: next, version: (await readExisting(store, next)).version }, next, newRecord())
    await assertFinds(store, alice, [])
    await store.replace({ id: next, version: (await readExisting(store, next)).version }, next, recordOf(bob))
    await assertFinds(store, bob, [next])
  })

  story('does not find a record that was deleted, or never stored', async store => {
    const [id, user] = [newId(), newUser()]
    const { version } = await createAndRead(store, id, recordOf(user))
    assert.equal(await store.create(id, recordOf(user)), false)
    assert.equal(await store.replace({ id: newId(), version }, newId(), recordOf(user)), false)
    await assertFinds(store, user, [id])
    await store.delete(id)
    await assertFinds(store, user, [])
    assert.equal(await store.replace({ id, version }, id, recordOf(user)), false)
    await assertFinds(store, user, [])
  })

  story('finds each record once after many requests moved it at the same time', async store => {
    const [id, alice, bob] = [newId(), newUser(), newUser()]
    await createAndRead(store, id, recordOf(alice))
    for (let round = 0; round < 10; round++) {
      const { version } = await readExisting(store, id)
      await atOnce(8, n => store.replace({ id, version }, id, recordOf(n % 2 === 0 ? alice : bob)))
    }
    const found = [...(await find(store, alice)), ...(await find(store, bob))]
    assert.deepEqual(
      found.map(record => record.id),
      [id],
    )
  })
}

function tellOfDeleteBy({ story }: Suite<IndexedStore>): void {
  story('Removes what `find` would yield, but for the record `except`, and tells how many there were.', async store => {
    const [alice, bob] = [newUser(), newUser()]
    const [kept = '', ...others] = await createMany(store, alice, 12)
    const his = await createMany(store, bob, 2)
    assert.equal(await store.deleteBy('userId', alice, { except: kept }), 11)
    await assertFinds(store, alice, [kept])
    for (const id of others) await assertHolds(store, id, null)
    assert.equal(await store.deleteBy('userId', alice, { except: kept }), 0)
    assert.equal(await store.deleteBy('userId', alice), 1)
    await assertHolds(store, kept, null)
    assert.equal(await store.deleteBy('userId', alice), 0)
    await assertFinds(store, bob, his)
  })

  story('spares nobody for an `except` that is not among them', async store => {
    const [alice, bob] = [newUser(), newUser()]
    await createMany(store, alice, 2)
    const his = await createMany(store, bob, 1)
    assert.equal(await store.deleteBy('userId', alice, { except: his[0] }), 2)
    await assertFinds(store, alice, [])
    await assertFinds(store, bob, his)
    assert.equal(await store.deleteBy('userId', bob, { except: undefined }), 1)
  })

  story('is final: what was read before it can be replaced no more', async store => {
    const [id, user] = [newId(), newUser()]
    const { version } = await createAndRead(store, id, recordOf(user))
    await store.deleteBy('userId', user)
    assert.equal(await store.replace({ id, version }, id, recordOf(user)), false)
    assert.equal(await store.replace({ id, version }, newId(), recordOf(user)), false)
    await assertFinds(store, user, [])
  })

  story('leaves none that is replaced in the same moment', async store => {
    const user = newUser()
    const ids = await createMany(store, user, 20)
    const read = await Promise.all(ids.map(async id => ({ id, version: (await readExisting(store, id)).version })))
    const replaces = read.map(was => store.replace(was, was.id, recordOf(user)))
    await Promise.all([store.deleteBy('userId', user), ...replaces])
    await assertFinds(store, user, [])
    for (const id of ids) await assertHolds(store, id, null)
  })

  story('leaves none that rotates in the same moment', async store => {
    for (let round = 0; round < 8; round++) {
      const user = newUser()
      const ids = await createMany(store, user, 30)
      const read = await Promise.all(ids.map(async id => ({ id, version: (await readExisting(store, id)).version })))
      const targets = ids.map(newId)
      // Some before it, some while it runs, some after.
      const rotations = read.map(async (was, n) => {
        for (let turn = 0; turn < n % 15; turn++) await nextTurn()
        await store.replace(was, targets[n] ?? '', recordOf(user))
      })
      for (let turn = 0; turn < round; turn++) await nextTurn()
      await Promise.all([store.deleteBy('userId', user), ...rotations])
      await assertFinds(store, user, [])
      for (const id of [...ids, ...targets]) await assertHolds(store, id, null)
    }
  })
}
