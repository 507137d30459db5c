import { expect, it } from 'vitest'
import { StoryStore, siteOf } from './kit.ts'

it('the cookie of the shop is a session of the back office, if both keep theirs in one store', async () => {
  const store = new StoryStore()
  const shop = siteOf(store, { cookie: { name: '__Host-shop' } })
  const office = siteOf(store, { cookie: { name: '__Host-office' } })
  await shop.browser.visit(s => s.rotate({ userId: '1' }))
  office.browser.cookie = shop.browser.cookie.replace('shop', 'office')
  expect(await office.browser.see()).toEqual({ user: null })
})
