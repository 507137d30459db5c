import { describe, expect, it } from 'vitest'
import { type AuthBrowser, authSite, password, type Site, type SiteOptions } from './auth-site.ts'

// A login with a second factor: the password in one request, a code in the next.

const everywhere: readonly NonNullable<SiteOptions['sessionsIn']>[] = ['store', 'cookie', 'store without index']

async function firstStep(options: SiteOptions = {}): Promise<Site & { firefox: AuthBrowser; paused: string }> {
  const site = await authSite(options)
  const firefox = site.browser()
  const paused = await firefox.visit(async request => {
    const { user } = await site.auth.authenticate(request, { username: 'ada', password })
    return site.auth.pauseLogin(user ?? expect.fail('nobody'))
  })
  return { ...site, firefox, paused }
}

/** The name of whoever is logged in after it. */
const secondStep = ({ auth, firefox }: Site & { firefox: AuthBrowser }, paused: unknown): Promise<string | null> =>
  firefox.visit(async request => {
    const user = await auth.resumeLogin(paused)
    if (user) await auth.login(request, user, { how: 'password and code' })
    return (await auth.user(request))?.username ?? null
  })

describe.each(everywhere)('ASVS 6.3.3: a login in two steps, with sessions in the %s', sessionsIn => {
  it('is none until the second is done; then it is fresh since the first, and says how', async () => {
    const site = await firstStep({ sessionsIn })
    const { auth, firefox, paused, clock, events, ada } = site
    expect(await firefox.who(auth)).toBeNull()
    clock.advance('9m')
    expect(await secondStep(site, paused)).toBe('ada')
    expect(await firefox.who(auth)).toBe('ada')
    expect(events).toContainEqual({ type: 'logged-in', userId: ada.id, how: 'password and code' })
    await firefox.visit(request => auth.requireFresh(request, { maxAge: '9m' }))
    clock.advance('1s')
    const fresh = firefox.visit(request => auth.requireFresh(request, { maxAge: '9m' }))
    await expect(fresh).rejects.toMatchObject({ code: 'LOGIN_STALE' })
  })

  it.each<[string, (site: Site) => Promise<unknown>]>([
    ['the password is changed', ({ auth, ada }) => auth.users.setPassword(ada.id, 'another horse, another battery')],
    ['all sessions are ended', ({ auth, ada }) => auth.endSessionsOf(ada.id)],
    ['the account is closed', ({ auth, ada }) => auth.users.deactivate(ada.id)],
    ['the account is deleted', ({ auth, ada }) => auth.users.delete(ada.id)],
    ['ten minutes go by', async ({ clock }) => clock.advance('10m')],
  ])('and %s between them: nobody is logged in', async (_what, meanwhile) => {
    const site = await firstStep({ sessionsIn })
    await meanwhile(site)
    expect(await secondStep(site, site.paused)).toBeNull()
    expect(await site.firefox.who(site.auth)).toBeNull()
  })

  it('and the password is changed while the second is under way: the session is void', async () => {
    const { auth, firefox, paused, ada } = await firstStep({ sessionsIn })
    await firefox.visit(async request => {
      const user = await auth.resumeLogin(paused)
      await auth.users.setPassword(ada.id, 'another horse, another battery')
      await auth.login(request, user ?? expect.fail('nobody'))
    })
    expect(await firefox.who(auth)).toBeNull()
  })
})

it('what was paused is readable for nobody, and none that was made up goes on', async () => {
  const site = await firstStep()
  const { paused, ada, auth } = site
  const other = await firstStep({ secrets: 'Xb4Nq8Rw2Ty6Lm0Pz3Kc7Vd1Hf5Jg9Sa' })
  for (const secret of [ada.id, 'password', ada.username]) {
    expect(Buffer.from(paused.split('.').at(-1) ?? '', 'base64url').toString('latin1')).not.toContain(secret)
  }
  const cut = paused.slice(0, -1)
  for (const text of [undefined, null, 7, {}, '', 'x', cut, `${paused}A`, other.paused]) {
    expect(await auth.resumeLogin(text)).toBeNull()
  }
})

it('only what authenticate gave can be paused', async () => {
  const { auth, ada } = await firstStep()
  expect(() => auth.pauseLogin({ ...ada })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
})
