import { expect, it } from 'vitest'
import { siteOf } from './kit.ts'

it('a change after a failed and a repeated commit is not saved, and the answer is 200', async () => {
  const { browser, store } = siteOf()
  const answer = await browser.visit(async s => {
    s.set('a', 1)
    store.breakDown('create')
    await s.commit().catch(() => undefined)
    store.repair()
    await s.commit()
    s.set('b', 2)
  })
  expect(answer.status).toBe(200)
  expect(await browser.see()).toMatchObject({ a: 1, b: 2 })
})

it('a destroy after a rotation that failed is not done, and the answer is 200', async () => {
  const { browser, store } = siteOf()
  await browser.visit(s => s.rotate({ userId: 'ada' }))
  const answer = await browser.visit(async s => {
    s.rotate()
    store.breakDown('replace')
    await s.commit().catch(() => undefined)
    store.repair()
    s.destroy()
  })
  expect(answer.status).toBe(200)
  expect(store.calls).toContain('delete')
})

it('a rotate after a commit that failed is not done, and the answer is 200', async () => {
  const { browser, store } = siteOf()
  await browser.visit(s => s.set('a', 1))
  const before = browser.cookie
  const answer = await browser.visit(async s => {
    s.set('a', 2)
    store.breakDown('replace')
    await s.commit().catch(() => undefined)
    store.repair()
    s.rotate()
  })
  expect(answer.status).toBe(200)
  expect(browser.cookie).not.toBe(before)
})

it('what was set while a failing commit ran was never tried, and is not saved', async () => {
  const { browser, store } = siteOf()
  await browser.visit(s => s.set('a', 1))
  const answer = await browser.visit(async s => {
    s.set('a', 2)
    store.breakDown('replace')
    const saving = s.commit()
    s.set('b', 2)
    await saving.catch(() => undefined)
    store.repair()
  })
  expect(answer.status).toBe(200)
  expect(await browser.see()).toMatchObject({ b: 2 })
})
