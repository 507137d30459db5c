import { expect, it } from 'vitest'
import { siteOf } from './kit.ts'

it('a late update that throws on the newer value: the commit was done, is told as failed, and its changes are made twice', async () => {
  const { browser, store } = siteOf()
  await browser.visit(s => s.set('count', 0))
  const other = browser.copy()
  let outcome = ''
  await browser.visit(async s => {
    s.update('count', n => (n as number) + 1)
    await other.visit(o => o.set('x', 'poison'))
    const gate = store.holdBack('read')
    const saving = s.commit()
    await gate.arrived
    let poison = true
    s.update('x', v => {
      if (v === 'poison' && poison) throw new Error('poison')
      return 'ok'
    })
    gate.open()
    store.repair()
    outcome = await saving.then(
      () => 'saved',
      e => e.message,
    )
    poison = false
    await s.commit()
  })
  expect({ outcome, ...((await browser.see()) as object) }).toMatchObject({ count: 1 })
})
it('a destroy while a conflicting save reads again: an empty session is made, and its cookie is set', async () => {
  const { browser, store } = siteOf()
  await browser.visit(s => s.set('count', 0))
  const other = browser.copy()
  const creates = () => store.calls.filter(c => c === 'create').length
  await browser.visit(async s => {
    s.set('count', 5)
    await other.visit(o => o.set('x', 1))
    const gate = store.holdBack('replace')
    const saving = s.commit()
    await gate.arrived
    s.destroy()
    gate.open()
    store.repair()
    await saving.catch(() => 0)
  })
  expect(creates()).toBe(1)
  expect(browser.cookie).toBe('')
})
