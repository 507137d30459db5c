import assert from 'node:assert/strict'
import type { SessionStore } from '../../stores/store.ts'
import { assertHolds, countTrue, createAndRead, newId, newRecord, newUser, readExisting } from './samples.ts'
import type { Suite } from './suite.ts'

/** The sentences of `SessionStore` on what changes records, for one caller at a time. The races are told apart. */
export function tellOfSessionStore(suite: Suite<SessionStore>): void {
  const { group } = suite
  group('every method', () => tellOfEveryMethod(suite))
  group('create(id, record)', () => tellOfCreate(suite))
  group('replace(was, id, record) under the same id', () => tellOfReplace(suite))
  group('replace(was, id, record) under a new id', () => tellOfRotation(suite))
  group('delete(id)', () => tellOfDelete(suite))
}

function tellOfEveryMethod({ story }: Suite<SessionStore>): void {
  story('An id is 43 characters of base64url, the hash of a secret, and safe to show.', async store => {
    const end = newId().slice(3)
    const alike = ['aB-', 'ab-', 'AB-', 'aB_', '-_-', '___'].map(start => start + end)
    const records = alike.map(() => newRecord())
    for (const [i, id] of alike.entries()) assert.equal(await store.create(id, records[i] ?? newRecord()), true)
    for (const [i, id] of alike.entries()) await assertHolds(store, id, records[i] ?? null)
  })

  story(
    'Every method rejects if, and only if, the store cannot tell or cannot do it; absence is an answer, not an error.',
    async store => {
      const id = newId()
      assert.equal(await store.read(id), null)
      assert.equal(await store.delete(id), undefined)
      const { version } = await createAndRead(store, id)
      await store.delete(id)
      assert.equal(await store.replace({ id, version }, id, newRecord()), false)
      assert.equal(await store.replace({ id, version }, newId(), newRecord()), false)
    },
  )

  story(
    'When a promise resolves, the change is as durable as this store makes anything, and every later call, from any process, sees it.',
    async store => {
      const [id, next] = [newId(), newId()]
      const [first, second, third] = [newRecord(), newRecord(), newRecord()]
      await createAndRead(store, id, first)
      await assertHolds(store, id, first)
      await store.replace({ id, version: (await readExisting(store, id)).version }, id, second)
      await assertHolds(store, id, second)
      await store.replace({ id, version: (await readExisting(store, id)).version }, next, third)
      await assertHolds(store, id, null)
      await assertHolds(store, next, third)
      await store.delete(next)
      await assertHolds(store, next, null)
    },
  )
}

function tellOfCreate({ story }: Suite<SessionStore>): void {
  story('Stores a new record.', async store => {
    const [id, record] = [newId(), newRecord({ index: { userId: newUser() } })]
    assert.equal(await store.create(id, record), true)
    await assertHolds(store, id, record)
  })

  story('False, and nothing changed, if the id is taken.', async store => {
    const id = newId()
    const record = newRecord()
    const { version } = await createAndRead(store, id, record)
    assert.equal(await store.create(id, newRecord()), false)
    await assertHolds(store, id, record)
    assert.equal((await readExisting(store, id)).version, version)
  })
}

function tellOfReplace({ story }: Suite<SessionStore>): void {
  story(
    'Stores over exactly the record that was read, under the same id or a new one (rotation): the old id is then gone.',
    async store => {
      const [id, next, bystander] = [newId(), newId(), newId()]
      const [changed, rotated, other] = [newRecord(), newRecord(), newRecord()]
      const read = await createAndRead(store, id)
      await createAndRead(store, bystander, other)
      assert.equal(await store.replace({ id, version: read.version }, id, changed), true)
      await assertHolds(store, id, changed)
      const { version } = await readExisting(store, id)
      assert.equal(await store.replace({ id, version }, next, rotated), true)
      await assertHolds(store, next, rotated)
      await assertHolds(store, id, null)
      await assertHolds(store, bystander, other)
    },
  )

  story(
    'False, and nothing changed, if that record is gone, newer or being changed, or if the new id is taken: read again to learn which.',
    async store => {
      const [id, next, taken] = [newId(), newId(), newId()]
      const [newer, other] = [newRecord(), newRecord()]
      const { version: old } = await createAndRead(store, id)
      await createAndRead(store, taken, other)
      await store.replace({ id, version: old }, id, newer)
      const { version } = await readExisting(store, id)
      const refused = [
        await store.replace({ id, version: old }, id, newRecord()),
        await store.replace({ id, version: old }, next, newRecord()),
        await store.replace({ id, version }, taken, newRecord()),
        await store.replace({ id: newId(), version }, id, newRecord()),
        await store.replace({ id: newId(), version }, next, newRecord()),
      ]
      assert.deepEqual(refused, [false, false, false, false, false])
      await assertHolds(store, id, newer)
      assert.equal((await readExisting(store, id)).version, version)
      await assertHolds(store, taken, other)
      await assertHolds(store, next, null)
    },
  )

  story('is false after delete, and brings nothing back', async store => {
    const id = newId()
    const { version } = await createAndRead(store, id)
    await store.delete(id)
    assert.equal(await store.replace({ id, version }, id, newRecord()), false)
    assert.equal(await store.read(id), null)
  })

  story('is false for a version from before the record was deleted and made again', async store => {
    const [id, record] = [newId(), newRecord()]
    const { version } = await createAndRead(store, id, record)
    await store.delete(id)
    await createAndRead(store, id, record)
    assert.equal(await store.replace({ id, version }, id, newRecord()), false)
    await assertHolds(store, id, record)
  })
}

function tellOfRotation({ story }: Suite<SessionStore>): void {
  story('is false after delete, and makes nothing new', async store => {
    const [id, next] = [newId(), newId()]
    const { version } = await createAndRead(store, id)
    await store.delete(id)
    assert.equal(await store.replace({ id, version }, next, newRecord()), false)
    assert.equal(await store.read(id), null)
    assert.equal(await store.read(next), null)
  })

  story('frees the old id: a slow request can no longer write to it', async store => {
    const [id, next] = [newId(), newId()]
    const rotated = newRecord()
    const { version } = await createAndRead(store, id)
    assert.equal(await store.replace({ id, version }, next, rotated), true)
    const late = [
      await store.replace({ id, version }, id, newRecord()),
      await store.replace({ id, version }, newId(), newRecord()),
    ]
    assert.equal(countTrue(late), 0)
    await assertHolds(store, id, null)
    await assertHolds(store, next, rotated)
  })

  story('leaves both records as they are when the new id is taken, by one that is older or younger', async store => {
    const ids = [newId(), newId(), newId()] as const
    const records = [newRecord(), newRecord(), newRecord()] as const
    for (const [i, id] of ids.entries()) await createAndRead(store, id, records[i])
    const before = await Promise.all(ids.map(id => readExisting(store, id)))
    const [, middle] = before
    assert.equal(await store.replace({ id: ids[1], version: middle?.version ?? '' }, ids[0], newRecord()), false)
    assert.equal(await store.replace({ id: ids[1], version: middle?.version ?? '' }, ids[2], newRecord()), false)
    assert.deepEqual(await Promise.all(ids.map(id => readExisting(store, id))), before)
  })
}

function tellOfDelete({ story }: Suite<SessionStore>): void {
  story('Removes the record.', async store => {
    const [id, bystander] = [newId(), newId()]
    const other = newRecord()
    await createAndRead(store, id)
    await createAndRead(store, bystander, other)
    assert.equal(await store.delete(id), undefined)
    assert.equal(await store.read(id), null)
    await assertHolds(store, bystander, other)
  })

  story('Removing an absent one is not an error.', async store => {
    const id = newId()
    assert.equal(await store.delete(id), undefined)
    await createAndRead(store, id)
    await store.delete(id)
    assert.equal(await store.delete(id), undefined)
  })

  story('leaves the id free for another record', async store => {
    const [id, record] = [newId(), newRecord()]
    await createAndRead(store, id)
    await store.delete(id)
    assert.equal(await store.create(id, record), true)
    await assertHolds(store, id, record)
  })
}
