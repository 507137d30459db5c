import assert from 'node:assert/strict'
import type { SessionStore } from '../../stores/store.ts'
import { assertHolds, createAndRead, newId, newRecord, readExisting } from './samples.ts'
import type { Suite } from './suite.ts'

/** The sentences of `SessionStore` on reading, and those of `StoredRecord`. */
export function tellOfStoredRecord(suite: Suite<SessionStore>): void {
  const { group } = suite
  group('read(id)', () => tellOfRead(suite))
  group('the record that read(id) gives', () => tellOfRecords(suite))
  group('version', () => tellOfVersion(suite))
}

function tellOfRead({ story }: Suite<SessionStore>): void {
  story('The record under this id, with a version to replace it by; null if there is none.', async store => {
    const [id, other] = [newId(), newId()]
    const [record, changed] = [newRecord(), newRecord()]
    const { version } = await createAndRead(store, id, record)
    await createAndRead(store, other)
    await assertHolds(store, id, record)
    assert.equal(await store.read(newId()), null)
    assert.equal(await store.replace({ id, version }, id, changed), true)
    await assertHolds(store, id, changed)
  })

  story('May return an expired one: the engine decides.', async store => {
    const id = newId()
    const record = newRecord({ expiresAt: new Date(Date.now() - 60_000) })
    await createAndRead(store, newId())
    assert.equal(await store.create(id, record), true)
    const found = await store.read(id)
    if (found) await assertHolds(store, id, record)
    await store.delete(id)
    assert.equal(await store.read(id), null)
  })
}

function tellOfRecords({ story }: Suite<SessionStore>): void {
  story('has its payload byte for byte', async store => {
    for (const payload of awkwardPayloads) {
      const id = newId()
      const { version } = await createAndRead(store, id, newRecord({ payload }))
      assert.equal((await readExisting(store, id)).payload, payload)
      assert.equal(await store.replace({ id, version }, id, newRecord({ payload: `${payload}\n` })), true)
      assert.equal((await readExisting(store, id)).payload, `${payload}\n`)
    }
  })

  story('has its expiry to the millisecond, however far away', async store => {
    const soon = Math.floor(Date.now() / 1000) * 1000 + 3_600_001
    for (const end of [soon, soon + 998, Date.UTC(2038, 0, 19, 3, 14, 8), Date.UTC(9999, 11, 31), 8.64e15]) {
      const expiresAt = new Date(end)
      const stored = await createAndRead(store, newId(), newRecord({ expiresAt }))
      assert.equal(stored.expiresAt.getTime(), end)
    }
  })

  story('does not change when the store does', async store => {
    const id = newId()
    const read = await createAndRead(store, id)
    const asItWas = structuredClone(read)
    await store.replace({ id, version: read.version }, id, newRecord())
    assert.deepEqual(read, asItWas)
    await store.delete(id)
    assert.deepEqual(read, asItWas)
  })
}

const awkwardPayloads: readonly string[] = [
  '{}',
  ' leading and trailing blanks \t\r\n',
  '{"text":"it\'s \\"quoted\\", `ticked`, back\\\\slashed; -- /* */ %s $1 ? :id \\u0000 \\ud800"}',
  '{"text":"Grüße, Ω, 日本語, עברית, 👩‍👩‍👧, e\u0301 is not \u00e9, \u2028 \u2029 \ufeff \ufffd \u007f \u0085"}',
  JSON.stringify({ text: '0123456789abcdeé'.repeat(6400) }),
]

function tellOfVersion({ story }: Suite<SessionStore>): void {
  story('Names exactly this state of the record.', async store => {
    const id = newId()
    const { version } = await createAndRead(store, id)
    assert.equal(typeof version, 'string')
    assert.equal((await readExisting(store, id)).version, version, 'unchanged, but under another version')
  })

  story('Another state under the same id, earlier or later, has another version.', async store => {
    const [id, away] = [newId(), newId()]
    const record = newRecord()
    const versions: string[] = []
    const move = async (from: string, to: string): Promise<void> => {
      const { version } = await readExisting(store, from)
      if (from === id) versions.push(version)
      assert.equal(await store.replace({ id: from, version }, to, record), true)
    }
    await store.create(id, record)
    await move(id, id)
    await move(id, id)
    await move(id, away)
    await move(away, id)
    versions.push((await readExisting(store, id)).version)
    await store.delete(id)
    versions.push((await createAndRead(store, id, record)).version)
    assert.equal(new Set(versions).size, versions.length, `a version came twice: ${versions}`)
    const current = versions.pop()
    for (const version of versions) assert.equal(await store.replace({ id, version }, id, newRecord()), false)
    assert.equal((await readExisting(store, id)).version, current)
  })
}
