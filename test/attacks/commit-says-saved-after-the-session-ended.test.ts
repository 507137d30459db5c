import { expect, it } from 'vitest'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { siteOf } from './kit.ts'

it('two parts of one request each set and commit; the session was destroyed elsewhere: both are told', async () => {
  const { browser } = siteOf()
  await browser.visit(s => s.set('a', 1))
  const other = browser.copy()
  let outcome: unknown
  await browser.visit(async s => {
    await other.visit(o => o.destroy())
    s.set('a', 2)
    const one = s.commit()
    s.set('b', 2)
    const two = s.commit()
    outcome = (await Promise.allSettled([one, two])).map(o => o.status)
  })
  expect(outcome).toEqual(['rejected', 'rejected'])
})
it('a change made while a renewal finds the session gone: the answer is not 200', async () => {
  const clock = fakeClock()
  const { browser, store } = siteOf(undefined, { clock })
  await browser.visit(s => s.set('a', 1))
  clock.advance('2d')
  const other = browser.copy()
  const answer = await browser.visit(async s => {
    await other.visit(o => o.destroy())
    const renewing = s.commit()
    s.set('order', 'paid')
    await renewing
  })
  void store
  expect(answer.status).toBe(409)
})
