import { expect, it, vi } from 'vitest'
import { authSite } from './auth-site.ts'

// The one thing that cannot be had otherwise: a system that has no random numbers to give.
const source = vi.hoisted(() => ({ isDry: false }))
vi.mock('node:crypto', async importOriginal => {
  const crypto = await importOriginal<typeof import('node:crypto')>()
  const randomBytes = (size: number): Buffer => {
    if (source.isDry) throw new Error('no entropy')
    return crypto.randomBytes(size)
  }
  return { ...crypto, default: crypto, randomBytes }
})

it('ASVS 7.2.3, CVE-2025-66630: without random numbers nobody is logged in, and no cookie is set', async () => {
  const { auth, browser, ada, watch } = await authSite()
  const firefox = browser()
  source.isDry = true
  await expect(firefox.open(request => auth.login(request, ada, { remember: true }))).rejects.toThrow('no entropy')
  source.isDry = false
  expect(firefox.jar.header('/')).toBe('')
  const found: unknown[] = []
  for await (const record of watch.store.find('userId', ada.id)) found.push(record)
  expect(found).toEqual([])
  await firefox.visit(request => auth.login(request, ada))
  expect(await firefox.who(auth)).toBe('ada')
})
