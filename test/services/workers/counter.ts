// One process of a site with several: counts in the session of one visitor, in the store that the argument describes.
import { createSessions } from '../../../src/create-sessions.ts'
import { Browser, type Data, site } from '../../support/site.ts'
import { openStore } from './store-description.ts'

/** What the process is asked to do: so many requests of this visitor, so many of them under way at any time. */
export interface CountingOrder {
  readonly cookie: string
  readonly increments: number
  readonly parallel: number
}

/** How many requests were answered with which status. */
export type CountingReport = Record<number, number>

const { store, close } = await openStore(JSON.parse(process.argv[2] ?? ''))
const visit = site(createSessions<Data>({ store, storeDeadline: '30s' }), {
  '/count': async session => (await session()).update('count', (n = 0) => n + 1),
})

async function count({ cookie, increments, parallel }: CountingOrder): Promise<CountingReport> {
  const report: CountingReport = {}
  let left = increments
  const tab = async (): Promise<void> => {
    while (left-- > 0) {
      const { status } = await new Browser(visit, cookie).open('/count')
      report[status] = (report[status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: parallel }, tab))
  return report
}

process.on('message', async (order: CountingOrder) => {
  process.send?.(await count(order))
  await close()
  process.disconnect()
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
