import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExpirySweep, SessionStore } from '../../src/stores/store.ts'
import { mariadbDatabase, postgresDatabase } from './database/sql-database.ts'
import { describeWithService } from './describe-with-service.ts'
import { logOutMeanwhile } from './late-requests.ts'
import { type OpenStore, openStore, type StoreDescription } from './workers/store-description.ts'

describe('sqlite', () => {
  endsForGood({ type: 'sqlite', file: ':memory:' })
})

describeWithService('postgres', address => {
  const { connection } = postgresDatabase(address).address
  endsForGood({ type: 'postgres', connection })
})

describeWithService('mariadb', address => {
  const { connection } = mariadbDatabase(address).address
  endsForGood({ type: 'mariadb', connection })
})

function endsForGood(description: StoreDescription): void {
  let opened: OpenStore
  beforeAll(async () => {
    opened = await openStore(description)
  })
  afterAll(() => opened?.close())

  it('of 1,000 visitors who logged out, none comes back by a slow request that saves afterwards', async () => {
    for (let batch = 0; batch < 20; batch++) {
      const { answers, back } = await logOutMeanwhile(opened.store, 50, 'after the logout')
      expect(back).toBe(0)
      expect(answers).toEqual(Array(50).fill({ status: 409, cookie: false }))
    }
    expect(await countLeft(opened.store)).toBe(0)
  })

  it('nor by one that saves in the same moment: it is saved before the logout, or not at all', async () => {
    const statuses = new Set<number>()
    for (let batch = 0; batch < 20; batch++) {
      const { answers, back } = await logOutMeanwhile(opened.store, 50, 'during the logout')
      expect(back).toBe(0)
      expect(answers.filter(({ status, cookie }) => status !== 200 && cookie)).toEqual([])
      for (const { status } of answers) statuses.add(status)
    }
    expect([...statuses].filter(status => status !== 200 && status !== 409)).toEqual([])
    expect(await countLeft(opened.store)).toBe(0)
  })
}

/** How many records the store holds, found by sweeping as if the end of time had come. */
async function countLeft(store: SessionStore & Partial<ExpirySweep>): Promise<number | undefined> {
  return store.deleteExpired?.(new Date(8.64e15), { limit: 10_000 })
}
