import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { authSite, secret } from './auth-site.ts'

// Named after what Django's `check --deploy` warns of. Here it does not start, or cannot be chosen. docs/django.md has the rest.

afterEach(() => vi.unstubAllEnvs())

const start = (cookie: object) => createSessions({ store: memoryStore(), cookie })

describe('check_framework/test_security', () => {
  it.each([
    ['security.W009: a short secret', 'insecure'],
    ['security.W009: a secret of few characters', 'ab'.repeat(40)],
    ['security.W025: a weak one among those of before', [secret, 'insecure']],
  ])('%s does not start', async (_what, secrets) => {
    await expect(authSite({ secrets })).rejects.toMatchObject({ code: 'SECRET_WEAK' })
  })

  it('security.W010, W011, W012, W016: cookies are Secure, and in production nothing else starts without being spelled out', async () => {
    const { adasBrowser, auth } = await authSite()
    const answer = await (await adasBrowser()).open(request => auth.logout(request))
    const lines = answer.headers.getSetCookie()
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.filter(line => !line.includes('; Secure'))).toEqual([])
    vi.stubEnv('NODE_ENV', 'production')
    expect(() => start({ secure: false })).toThrow('COOKIE_INSECURE')
    await expect(authSite({ secure: false })).rejects.toMatchObject({ code: 'COOKIE_INSECURE' })
  })

  it('security.W010: what is only like true is not taken for it', () => {
    for (const secure of ['True', 'yes', 1, []]) expect(() => start({ secure })).toThrow('COOKIE_INVALID')
  })

  it('security.W013, W014, W015: cookies are HttpOnly, and there is no option against it', async () => {
    const { browser, auth, ada } = await authSite()
    const answer = await browser().open(request => auth.login(request, ada, { remember: true }))
    const lines = answer.headers.getSetCookie()
    expect(lines).toHaveLength(3)
    expect(lines.filter(line => !line.includes('; HttpOnly'))).toEqual([])
    expect(() => start({ httpOnly: false })).toThrow('OPTION_INVALID')
  })
})
