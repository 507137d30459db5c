import assert from 'node:assert/strict'
import type { ExpirySweep, SessionStore } from '../../stores/store.ts'
import { assertHolds, atOnce, countTrue, createAndRead, newId, newRecord } from './samples.ts'
import type { Suite } from './suite.ts'

type SweptStore = SessionStore & ExpirySweep

/**
 * The sentences of `ExpirySweep`. The sweeps pretend that it is an hour of the nineties: records of others are not over then,
 * so that a store which others use can be counted on.
 */
export function tellOfExpirySweep(suite: Suite<SweptStore>): void {
  suite.group('deleteExpired(now, { limit })', () => {
    tellOfDeleteExpired(suite)
    tellOfSweepers(suite)
  })
}

/** An hour of the nineties that nothing expires before: what an earlier run of the suite may have left there is swept. */
async function longAgo(store: SweptStore): Promise<Date> {
  const then = new Date(Date.UTC(1990, 0, 1) + Math.floor(Math.random() * 80_000) * 3_600_000)
  while ((await store.deleteExpired(after(then, 60_000), { limit: 1000 })) === 1000);
  return then
}

function after(date: Date, ms: number): Date {
  return new Date(date.getTime() + ms)
}

/** Stores so many records that end at this time, and gives their ids. */
function createEnding(store: SweptStore, expiresAt: Date, count: number): Promise<string[]> {
  const createdAt = after(expiresAt, -1000)
  return atOnce(count, async () => {
    const id = newId()
    assert.equal(await store.create(id, newRecord({ createdAt, expiresAt })), true)
    return id
  })
}

async function assertGone(store: SweptStore, ids: readonly string[]): Promise<void> {
  for (const id of ids) await assertHolds(store, id, null)
}

function tellOfDeleteExpired({ story }: Suite<SweptStore>): void {
  story(
    'Removes at most `limit` records that expired at `now` or earlier, never another, and tells how many.',
    async store => {
      const now = await longAgo(store)
      const over = [
        ...(await createEnding(store, after(now, -3_600_000), 2)),
        ...(await createEnding(store, after(now, -1), 2)),
        ...(await createEnding(store, now, 1)),
      ]
      await createEnding(store, after(now, 1), 3)
      const [live, record] = [newId(), newRecord()]
      await createAndRead(store, live, record)
      assert.equal(await store.deleteExpired(now, { limit: 2 }), 2)
      assert.equal(await store.deleteExpired(now, { limit: 2 }), 2)
      assert.equal(await store.deleteExpired(now, { limit: 2 }), 1)
      await assertGone(store, over)
      assert.equal(await store.deleteExpired(after(now, 1), { limit: 1000 }), 3, 'not over at `now`')
      await assertHolds(store, live, record)
    },
  )

  story('Less than `limit` means that none is left.', async store => {
    const now = await longAgo(store)
    const over = await createEnding(store, now, 12)
    let swept = 0
    let last = 0
    do {
      last = await store.deleteExpired(now, { limit: 5 })
      swept += last
    } while (last === 5)
    assert.equal(swept, 12)
    await assertGone(store, over)
    assert.equal(await store.deleteExpired(now, { limit: 5 }), 0)
  })

  story('gives 0 where nothing is over', async store => {
    const now = await longAgo(store)
    const [id, record] = [newId(), newRecord()]
    await createAndRead(store, id, record)
    assert.equal(await store.deleteExpired(now, { limit: 10 }), 0)
    await assertHolds(store, id, record)
  })

  story('goes by the expiry that a record was last stored with', async store => {
    const now = await longAgo(store)
    const [renewed, shortened, record] = [newId(), newId(), newRecord()]
    for (const id of [renewed, shortened]) await createAndRead(store, id)
    const end = async (id: string, expiresAt: Date): Promise<boolean> => {
      const version = (await store.read(id))?.version ?? ''
      return store.replace({ id, version }, id, { ...record, expiresAt })
    }
    assert.equal(await end(renewed, after(record.expiresAt, 60_000)), true)
    assert.equal(await end(shortened, now), true)
    assert.equal(await store.deleteExpired(now, { limit: 10 }), 1)
    await assertGone(store, [shortened])
    assert.ok(await store.read(renewed))
  })
}

function tellOfSweepers({ story }: Suite<SweptStore>): void {
  story('counts each record once when several sweep at the same time', async store => {
    const now = await longAgo(store)
    const over = await createEnding(store, now, 40)
    const swept = await atOnce(4, async () => {
      let total = 0
      for (let last = 7; last === 7; total += last) last = await store.deleteExpired(now, { limit: 7 })
      return total
    })
    assert.equal(
      swept.reduce((sum, count) => sum + count, 0),
      40,
    )
    await assertGone(store, over)
  })

  story('leaves alone what is created and replaced meanwhile', async store => {
    const now = await longAgo(store)
    const over = await createEnding(store, now, 20)
    const lives = Array.from({ length: 20 }, newId)
    const [, kept] = await Promise.all([
      store.deleteExpired(now, { limit: 1000 }),
      Promise.all(
        lives.map(async id => {
          const { version } = await createAndRead(store, id)
          return store.replace({ id, version }, id, newRecord())
        }),
      ),
    ])
    assert.equal(countTrue(kept), 20)
    await assertGone(store, over)
    for (const id of lives) assert.ok(await store.read(id))
  })
}
