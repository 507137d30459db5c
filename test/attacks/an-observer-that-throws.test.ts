import { expect, it } from 'vitest'
import { siteOf } from './kit.ts'

it('onEvent throws: garbage from a client becomes an error', async () => {
  const { browser } = siteOf(undefined, {
    onEvent: () => {
      throw new Error('log is full')
    },
  })
  browser.cookie = '__Host-session=garbage'
  expect((await browser.visit(s => s.get('a')).catch(e => ({ status: String(e) }))).status).toBe(200)
})
it('onEvent throws: SESSION_ENDED (409) becomes the observer error', async () => {
  const { browser, sessions } = siteOf(undefined, {
    onEvent: () => {
      throw new Error('log is full')
    },
  })
  await browser.visit(s => s.set('a', 1))
  const other = browser.copy()
  void sessions
  const answer = await browser
    .visit(async s => {
      await other.visit(o => o.destroy())
      s.set('a', 2)
    })
    .catch(e => ({ status: String(e) }))
  expect(answer.status).toBe(409)
})
