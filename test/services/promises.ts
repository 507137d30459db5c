import { expect, it } from 'vitest'
import { createSessions } from '../../src/create-sessions.ts'
import type { ExpirySweep, SessionStore } from '../../src/stores/store.ts'
import { Browser, type Data, type Page, site } from '../support/site.ts'
import { countTogether } from './increments.ts'
import { logOutMeanwhile } from './late-requests.ts'
import { type OpenStore, openStore, type StoreDescription } from './workers/store-description.ts'

/** No update is lost. */
export function countsRight(description: StoreDescription): void {
  it('4 processes count to exactly 10,000 in one session, 50 requests of each at a time', async () => {
    const { store, close } = await openStore(description)
    const visitor = new Browser(
      site(createSessions<Data>({ store }), {
        '/begin': async session => (await session()).set('count', 0),
      }),
    )
    await visitor.open('/begin')
    const order = { cookie: visitor.cookie ?? '', increments: 10_000, processes: 4, parallel: 50 }
    expect(await countTogether(description, order)).toEqual({ 200: 10_000 })
    await close()
    // With nothing cached from before.
    const fresh = await openStore(description)
    const reader = site(createSessions<Data>({ store: fresh.store }), {
      '/read': async session => (await session()).get('count'),
    })
    expect(await new Browser(reader, visitor.cookie).see('/read')).toBe(10_000)
    await fresh.close()
  }, 240_000)
}

/** What two servers change at the same time is kept, of either. */
export function keepsBoth(description: StoreDescription): void {
  it('of two keys that two servers write at the same time in one session, both are kept, 100 times', async () => {
    const [here, there] = [await openStore(description), await openStore(description)]
    const pages: Record<string, Page> = {
      '/name': async (session, { url }) => (await session()).set('name', new URL(url).search),
      '/theme': async (session, { url }) => (await session()).set('theme', new URL(url).search),
      '/data': async session => (await session()).toObject(),
    }
    const siteOn = ({ store }: OpenStore) => site(createSessions<Data>({ store }), pages)
    const [one, other] = [siteOn(here), siteOn(there)]
    const visitor = new Browser(one)
    await visitor.see('/name?begin')
    for (let round = 0; round < 100; round++) {
      const tab = new Browser(other, visitor.cookie)
      await Promise.all([visitor.see(`/name?${round}`), tab.see(`/theme?${round}`)])
      expect(await visitor.see('/data')).toEqual({ name: `?${round}`, theme: `?${round}` })
    }
    await Promise.all([here.close(), there.close()])
  })
}

/** No logout is undone. */
export function endsForGood(description: StoreDescription, visitors = 1000): void {
  const atOnce = visitors / 40
  it(`of ${visitors} visitors who logged out, none comes back by a slow request that saves afterwards, or in the same moment`, async () => {
    const { store, close } = await openStore(description)
    await sweepAll(store)
    const statuses = new Set<number>()
    for (let batch = 0; batch < 20; batch++) {
      const late = await logOutMeanwhile(store, atOnce, 'after the logout')
      expect(late).toEqual({ back: 0, answers: Array(atOnce).fill({ status: 409, cookie: false }) })
      const { answers, back } = await logOutMeanwhile(store, atOnce, 'during the logout')
      expect(back).toBe(0)
      expect(answers.filter(({ status, cookie }) => status !== 200 && cookie)).toEqual([])
      for (const { status } of answers) statuses.add(status)
    }
    expect([...statuses].filter(status => status !== 200 && status !== 409)).toEqual([])
    expect(await sweepAll(store), 'records that are left').toBe(0)
    await close()
  }, 120_000)
}

/** How many records there were, where a store can tell: found by sweeping as if the end of time had come. */
async function sweepAll(store: SessionStore & Partial<ExpirySweep>): Promise<number> {
  return (await store.deleteExpired?.(new Date(8.64e15), { limit: 10_000 })) ?? 0
}
