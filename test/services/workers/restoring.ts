// One process of a site with several: a browser that is remembered comes back, in the store that the argument describes.
import { createRemember } from '../../../src/auth/remember/remember.ts'
import { openStore } from './store-description.ts'

/** What the process is asked to do: so many restores of this cookie at once, at this time. */
export interface RestoringOrder {
  readonly value: string
  readonly times: number
  readonly now: number
}

/** What came of each restore: its outcome, and the cookie that was sent, if any. */
export type RestoringReport = readonly { readonly outcome: string; readonly value: string | null }[]

const { store, close } = await openStore(JSON.parse(process.argv[2] ?? ''))

process.on('message', async ({ value, times, now }: RestoringOrder) => {
  const remember = createRemember({ store, now: () => now })
  const restores = Array.from({ length: times }, async () => {
    const found = await remember.restore(value)
    const cookie = found.outcome === 'restored' ? found.cookie : null
    return { outcome: found.outcome, value: cookie?.value ?? null }
  })
  process.send?.((await Promise.all(restores)) satisfies RestoringReport)
})
process.on('disconnect', async () => {
  await close()
  process.exit()
})
process.send?.('ready')
