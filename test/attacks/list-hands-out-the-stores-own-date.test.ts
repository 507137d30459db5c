import { expect, it } from 'vitest'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { siteOf } from './kit.ts'

it('a page that rounds expiresAt of a list entry for display logs the user out', async () => {
  const store = memoryStore()
  const { browser } = siteOf(store as never)
  await browser.visit(s => s.rotate({ userId: 'ada' }))
  const [info] = await createSessions({ store }).list('ada')
  info?.expiresAt.setFullYear(2000)
  expect(await browser.see()).toEqual({ user: 'ada' })
})
