import { describe, expect, it } from 'vitest'
import { authSite, password, type Site, type SiteOptions, stages } from './auth-site.ts'

async function withEditors(options: SiteOptions = {}): Promise<Site> {
  const site = await authSite(options)
  await site.users.createGroup('editors')
  await site.users.grant({ group: 'editors' }, 'blog.publish')
  return site
}

describe.each(Object.keys(stages))('access, on %s', stage => {
  it('requireUser gives whoever is logged in, and is LOGIN_REQUIRED (401) for nobody', async () => {
    const { auth, adasBrowser, browser } = await authSite({ stage })
    expect(await (await adasBrowser()).visit(request => auth.requireUser(request))).toMatchObject({ username: 'ada' })
    const nobody = browser().visit(request => auth.requireUser(request))
    await expect(nobody).rejects.toMatchObject({ code: 'LOGIN_REQUIRED', status: 401 })
  })

  it('requirePermission and requireGroup take those who were given it, from the next request on', async () => {
    const { auth, users, adasBrowser, ada } = await withEditors({ stage })
    const firefox = await adasBrowser()
    const publish = (): Promise<unknown> => firefox.visit(request => auth.requirePermission(request, 'blog.publish'))
    const edit = (): Promise<unknown> => firefox.visit(request => auth.requireGroup(request, 'editors'))
    const denied = { code: 'ACCESS_DENIED', status: 403 }
    await expect(publish()).rejects.toMatchObject(denied)
    await expect(edit()).rejects.toMatchObject(denied)
    await users.addToGroup(ada.id, 'editors')
    expect([await publish(), await edit()]).toMatchObject([{ username: 'ada' }, { username: 'ada' }])
    await users.removeFromGroup(ada.id, 'editors')
    await expect(publish()).rejects.toMatchObject(denied)
    await expect(edit()).rejects.toMatchObject(denied)
  })

  it('a superuser has every permission, is in no group, and loses both when the account is closed', async () => {
    const { auth, adasBrowser, ada } = await withEditors({ stage })
    await auth.users.setStanding(ada.id, { isSuperuser: true })
    const firefox = await adasBrowser()
    await firefox.visit(request => auth.requirePermission(request, 'whatever.there_is'))
    const group = firefox.visit(request => auth.requireGroup(request, 'editors'))
    await expect(group).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    await auth.users.deactivate(ada.id)
    const closed = firefox.visit(request => auth.requirePermission(request, 'whatever.there_is'))
    await expect(closed).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
  })
})

describe('requireThat', () => {
  it('asks the program, which sees neither password nor what belongs to it', async () => {
    const { auth, adasBrowser, users, ada } = await withEditors()
    await users.addToGroup(ada.id, 'editors')
    const firefox = await adasBrowser()
    let seen: object = {}
    await firefox.visit(request =>
      auth.requireThat(request, 'an even hour', (user, rights) => {
        seen = { ...user, ...rights }
        return Promise.resolve(true)
      }),
    )
    expect(seen).toMatchObject({ username: 'ada', groups: ['editors'], permissions: ['blog.publish'] })
    expect(Object.keys(seen)).not.toContain('password')
    const refused = firefox.visit(request => auth.requireThat(request, 'an even hour', () => false))
    await expect(refused).rejects.toThrow(/ACCESS_DENIED.*an even hour/)
  })

  it('of a store that cannot tell is an error with status 503, and no access', async () => {
    const { auth, adasBrowser, users } = await withEditors()
    const firefox = await adasBrowser()
    users.rightsOf = () => Promise.reject(new Error('connection refused'))
    const answer = await firefox.open(request => auth.requirePermission(request, 'blog.publish'))
    expect(answer.status).toBe(503)
  })
})

describe('ASVS 7.5.1, 7.5.3: requireFresh', () => {
  it('takes a login of the last 15 minutes, or of the time that is asked for, and use does not prolong it', async () => {
    const { auth, adasBrowser, clock } = await authSite()
    const firefox = await adasBrowser()
    for (let minute = 0; minute < 15; minute++) {
      clock.advance('1m')
      await firefox.visit(request => auth.requireFresh(request))
    }
    clock.advance('1s')
    const stale = firefox.visit(request => auth.requireFresh(request))
    await expect(stale).rejects.toMatchObject({ code: 'LOGIN_STALE', status: 403 })
    expect(await firefox.visit(request => auth.requireFresh(request, { maxAge: '1h' }))).toMatchObject({
      username: 'ada',
    })
  })

  it('is LOGIN_REQUIRED for nobody', async () => {
    const { auth, browser } = await authSite()
    const nobody = browser().visit(request => auth.requireFresh(request))
    await expect(nobody).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
  })

  it('counts from the proof, not from the login that came later', async () => {
    const { auth, browser, clock } = await authSite()
    const firefox = browser()
    const { user } = await firefox.visit(request => auth.authenticate(request, { username: 'ada', password }))
    clock.advance('16m')
    await firefox.visit(request => auth.login(request, user ?? expect.fail('nobody')))
    await expect(firefox.visit(request => auth.requireFresh(request))).rejects.toMatchObject({ code: 'LOGIN_STALE' })
  })
})

describe('ASVS 7.2.4: elevate', () => {
  it('proves again who it is: a new token, the same data, the same end', async () => {
    const { auth, adasBrowser, clock, happened } = await authSite()
    const firefox = await adasBrowser()
    await firefox.session(session => session.set('cart', ['tea']))
    clock.advance('29d')
    expect(await firefox.who(auth)).toBeNull()
    const again = await adasBrowser()
    clock.advance('13d')
    expect(await again.who(auth)).toBe('ada')
    clock.advance('13d')
    const old = again.copy()
    expect(await again.visit(request => auth.elevate(request, { password }))).toBe(true)
    expect(await again.visit(request => auth.requireFresh(request))).toMatchObject({ username: 'ada' })
    expect([again.token === old.token, await old.who(auth)]).toEqual([false, null])
    expect(happened()).toContain('elevated')
    // The absolute timeout, 30 days, counts from the login.
    clock.advance('5d')
    expect(await again.who(auth)).toBeNull()
  })

  it('is false for a wrong password, and LOGIN_REQUIRED for nobody', async () => {
    const { auth, adasBrowser, browser, clock } = await authSite()
    const firefox = await adasBrowser()
    clock.advance('1h')
    expect(await firefox.visit(request => auth.elevate(request, { password: 'wrong' }))).toBe(false)
    await expect(firefox.visit(request => auth.requireFresh(request))).rejects.toMatchObject({ code: 'LOGIN_STALE' })
    const nobody = browser().visit(request => auth.elevate(request, { password }))
    await expect(nobody).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
  })

  it('holds for this session alone', async () => {
    const { auth, adasBrowser, clock } = await authSite()
    const [one, other] = [await adasBrowser(), await adasBrowser()]
    clock.advance('1h')
    await one.visit(request => auth.elevate(request, { password }))
    await expect(other.visit(request => auth.requireFresh(request))).rejects.toMatchObject({ code: 'LOGIN_STALE' })
  })

  it('while another tab logs out: logged out', async () => {
    const { auth, adasBrowser } = await authSite()
    const firefox = await adasBrowser()
    const tab = firefox.copy()
    const elevated = firefox.visit(async request => {
      await auth.elevate(request, { password })
      await tab.visit(other => auth.logout(other))
    })
    await expect(elevated).rejects.toThrow('status 409')
    expect([await firefox.who(auth), await tab.who(auth)]).toEqual([null, null])
  })
})

describe('a form from another site', () => {
  const post = (headers: Record<string, string>): RequestInit => ({ method: 'POST', headers })

  it('is refused, and one from this site is not', async () => {
    const { auth, adasBrowser, events } = await authSite()
    const firefox = await adasBrowser()
    const send = (headers: Record<string, string>): Promise<void> =>
      firefox.visit(request => auth.requireSameSite(request), post({ host: 'site.example', ...headers }))
    await send({ 'sec-fetch-site': 'same-origin' })
    await send({ origin: 'https://site.example' })
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      {},
    ]) {
      await expect(send({ ...headers })).rejects.toMatchObject({ code: 'CROSS_SITE_REQUEST', status: 403 })
    }
    expect(events.at(-1)).toEqual({ type: 'cross-site-refused', reason: 'no-origin' })
  })

  it('CVE-2022-24895, CVE-2023-29020, CVE-2023-27495: of an old client needs the token of its session, and that of before the login is none', async () => {
    const { auth, browser } = await authSite()
    const old = browser()
    const token = (): Promise<string | null> => old.visit(request => auth.formToken(request))
    const send = (sent: unknown): Promise<void> =>
      old.visit(request => auth.requireSameSite(request, sent), post({ host: 'site.example' }))
    expect(await token()).toBeNull()
    await old.session(session => session.set('count', 1))
    const before = await token()
    await send(before)
    await old.logIn(auth, 'ada')
    await expect(send(before)).rejects.toMatchObject({ code: 'CROSS_SITE_REQUEST' })
    await send(await token())
    for (const garbage of ['', 'x', null, 5, {}, undefined]) {
      await expect(send(garbage)).rejects.toMatchObject({ code: 'CROSS_SITE_REQUEST' })
    }
  })

  it('may come from a sibling host where that is chosen, and nowhere else', async () => {
    const headers = { host: 'site.example', origin: 'https://shop.site.example', 'sec-fetch-site': 'same-site' }
    const [closed, open] = [await authSite(), await authSite({ trustSameSite: true })]
    await open.browser().visit(request => open.auth.requireSameSite(request), post(headers))
    for (const { auth, browser, site } of [
      { ...closed, site: 'same-site' },
      { ...open, site: 'cross-site' },
    ]) {
      const sent = browser().visit(
        request => auth.requireSameSite(request),
        post({ ...headers, 'sec-fetch-site': site }),
      )
      await expect(sent).rejects.toMatchObject({ code: 'CROSS_SITE_REQUEST' })
    }
  })

  it('may come from an origin that is trusted', async () => {
    const { auth, adasBrowser } = await authSite({ trustedOrigins: ['https://forms.example'] })
    const firefox = await adasBrowser()
    const headers = { host: 'site.example', origin: 'https://forms.example' }
    await firefox.visit(request => auth.requireSameSite(request), post(headers))
  })
})

describe('the way to the login and back', () => {
  it('has what was asked for in it, if that can be asked for again', async () => {
    const { auth, browser } = await authSite()
    const url = (path: string, init?: RequestInit) => browser().visit(request => auth.loginUrl(request), init, path)
    expect(await url('/account?tab=2&x=a b')).toBe('/login?next=%2Faccount%3Ftab%3D2%26x%3Da%2520b')
    expect(await url('/')).toBe('/login')
    expect(await url('/buy', { method: 'POST' })).toBe('/login')
    const other = await authSite({ loginPath: '/enter?from=site' })
    expect(await other.browser().visit(request => other.auth.loginUrl(request), {}, '/a')).toBe(
      '/enter?from=site&next=%2Fa',
    )
  })

  it('CVE-2025-8129, CVE-2025-53535: stays on this site', async () => {
    const { auth, browser } = await authSite()
    const next = (to: unknown): Promise<string> =>
      browser().visit(request => auth.safeNext(request, to, '/home'), { headers: { host: 'site.example' } })
    expect(await next('/account')).toBe('/account')
    expect(await next('https://site.example/account')).toBe('https://site.example/account')
    const away = [
      '//evil.example',
      'https://evil.example/',
      '/\\evil.example',
      'javascript:alert(1)',
      'http://site.example/',
    ]
    for (const to of [...away, '', null, undefined, ['/a']]) expect(await next(to)).toBe('/home')
  })

  it.each(['login', '//evil.example', ''])('a login page at %j does not start', async loginPath => {
    await expect(authSite({ loginPath })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
})

describe('options that cannot be do not start', () => {
  it.each([
    ['an unknown one', { remeber: {} }, 'OPTION_INVALID'],
    ['a short secret', { secrets: 'secret' }, 'SECRET_WEAK'],
    ['no secret', { secrets: [] }, 'SECRET_MISSING'],
    ['a limit of none', { sessionLimit: { most: 0, whenFull: 'reject' } }, 'OPTION_INVALID'],
    ['a limit without a rule', { sessionLimit: { most: 3, whenFull: 'ask' } }, 'OPTION_INVALID'],
    ['no duration', { freshFor: '15 minutes' }, 'DURATION_INVALID'],
    ['an origin with a path', { origins: ['https://site.example/app'] }, 'OPTION_INVALID'],
  ])('%s', async (_, options, code) => {
    await expect(authSite(options as never)).rejects.toMatchObject({ code })
  })
})
