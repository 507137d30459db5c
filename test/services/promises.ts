import { expect, it } from 'vitest'
import { createSessions } from '../../src/create-sessions.ts'
import { Browser, type Data, site } from '../support/site.ts'
import { countTogether } from './increments.ts'
import { logOutMeanwhile } from './late-requests.ts'
import { openStore, type StoreDescription } from './workers/store-description.ts'

/** No update is lost. */
export function countsRight(description: StoreDescription, increments: number = 10_000): void {
  it(`4 processes count to exactly ${increments} in one session, 50 requests of each at a time`, async () => {
    const { store, close } = await openStore(description)
    const visitor = new Browser(
      site(createSessions<Data>({ store }), {
        '/begin': async session => (await session()).set('count', 0),
      }),
    )
    await visitor.open('/begin')
    const order = { cookie: visitor.cookie ?? '', increments, processes: 4, parallel: 50 }
    expect(await countTogether(description, order)).toEqual({ 200: increments })
    await close()
    // With nothing cached from before.
    const fresh = await openStore(description)
    const reader = site(createSessions<Data>({ store: fresh.store }), {
      '/read': async session => (await session()).get('count'),
    })
    expect(await new Browser(reader, visitor.cookie).see('/read')).toBe(increments)
    await fresh.close()
  }, 120_000)
}

/** No logout is undone. */
export function endsForGood(description: StoreDescription): void {
  it('of 1,000 visitors who logged out, none comes back by a slow request that saves afterwards, or in the same moment', async () => {
    const { store, close } = await openStore(description)
    const statuses = new Set<number>()
    for (let batch = 0; batch < 20; batch++) {
      const late = await logOutMeanwhile(store, 25, 'after the logout')
      expect(late).toEqual({ back: 0, answers: Array(25).fill({ status: 409, cookie: false }) })
      const { answers, back } = await logOutMeanwhile(store, 25, 'during the logout')
      expect(back).toBe(0)
      expect(answers.filter(({ status, cookie }) => status !== 200 && cookie)).toEqual([])
      for (const { status } of answers) statuses.add(status)
    }
    expect([...statuses].filter(status => status !== 200 && status !== 409)).toEqual([])
    await close()
  }, 120_000)
}
