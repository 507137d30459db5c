import { expect, it } from 'vitest'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { siteOf } from './kit.ts'

it('revokeAll(undefined) (a user object without id, in JavaScript) ends the sessions of all strangers', async () => {
  const store = memoryStore()
  const { browser } = siteOf(store as never)
  await browser.visit(s => s.set('cart', 1))
  const sessions = createSessions({ store })
  const user = {} as { id: string }
  await sessions.revokeAll(user.id).catch(() => 0)
  expect(await browser.see()).toMatchObject({ cart: 1 })
})
it('list(undefined) shows the sessions of all strangers', async () => {
  const store = memoryStore()
  const { browser } = siteOf(store as never)
  await browser.visit(s => s.set('cart', 1))
  const list = await createSessions({ store })
    .list(undefined as never)
    .catch(() => [])
  expect(list).toEqual([])
})
