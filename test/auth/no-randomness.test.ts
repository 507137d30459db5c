import { afterEach, describe, expect, it, vi } from 'vitest'
import { authSite } from './auth-site.ts'

// The one thing that cannot be had otherwise: a system that has no random numbers to give.
const source = vi.hoisted(() => ({ gives: 'chance' as 'chance' | 'nothing' | 'zeros' }))
vi.mock('node:crypto', async importOriginal => {
  const crypto = await importOriginal<typeof import('node:crypto')>()
  const randomBytes = (size: number): Buffer => {
    if (source.gives === 'nothing') throw new Error('no entropy')
    return source.gives === 'zeros' ? Buffer.alloc(size) : crypto.randomBytes(size)
  }
  return { ...crypto, default: crypto, randomBytes }
})

afterEach(() => {
  source.gives = 'chance'
})

describe('ASVS 7.2.3, CVE-2025-66630', () => {
  it('without random numbers nobody is logged in, and no cookie is set', async () => {
    const { auth, browser, ada, watch } = await authSite()
    const firefox = browser()
    source.gives = 'nothing'
    await expect(firefox.open(request => auth.login(request, ada, { remember: true }))).rejects.toThrow('no entropy')
    source.gives = 'chance'
    expect(firefox.jar.header('/')).toBe('')
    const found: unknown[] = []
    for await (const record of watch.store.find('userId', ada.id)) found.push(record)
    expect(found).toEqual([])
    await firefox.visit(request => auth.login(request, ada))
    expect(await firefox.who(auth)).toBe('ada')
  })

  it('where they are the same again, the second visitor gets an error and no cookie, and not the session of the first', async () => {
    const { auth, browser, ada, newUser } = await authSite()
    const grace = await newUser('grace')
    const [hers, his] = [browser(), browser()]
    source.gives = 'zeros'
    await hers.visit(request => auth.login(request, grace))
    const { status } = await his.open(request => auth.login(request, ada))
    source.gives = 'chance'
    expect([status, his.token]).toEqual([409, ''])
    expect([await hers.who(auth), await his.who(auth)]).toEqual(['grace', null])
  })
})
