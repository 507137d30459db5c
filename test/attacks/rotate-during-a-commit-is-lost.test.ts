import { expect, it } from 'vitest'
import { siteOf } from './kit.ts'

it('a login while a commit runs binds the user to the old token (session fixation)', async () => {
  const { browser } = siteOf()
  await browser.visit(s => s.set('planted', true))
  const attacker = browser.copy()
  await browser.visit(async s => {
    s.set('step', 1)
    const saving = s.commit()
    s.rotate({ userId: 'ada' })
    await saving
  })
  expect(await attacker.see()).not.toMatchObject({ user: 'ada' })
})
