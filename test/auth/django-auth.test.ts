import { describe, expect, it } from 'vitest'
import { createPasswords } from '../../src/auth/passwords/passwords.ts'
import { authSite, password, quickHasher } from './auth-site.ts'

// Named after the tests of Django's own suite (tests/auth_tests). What differs, and what is tested elsewhere, is in docs/django.md.

const another = 'another horse, another battery'

describe('test_basic', () => {
  it('test_get_user_anonymous, test_get_user: nobody for an empty session, the user for one that was logged in', async () => {
    const { auth, adasBrowser, browser, ada } = await authSite()
    expect(await browser().visit(request => auth.user(request))).toBeNull()
    expect(await (await adasBrowser()).visit(request => auth.user(request))).toMatchObject({ id: ada.id })
  })

  it('test_get_user_fallback_secret: an older secret is accepted; the session stays as it is, so that parallel requests do too', async () => {
    const site = await authSite()
    const firefox = await site.adasBrowser()
    const { token } = firefox
    const newest = 'Zz8Xc7Vb6Nm5Qw4Er3Ty2Ui1Op0As9Df-newest'
    const { auth } = await site.redeployed({ secrets: [newest, 'p7Qm0Zt1Yx8Rk3Vw5Ns2Jb6Lc9Hd4Gf0-first'] })
    const tabs = Array.from({ length: 10 }, () => firefox.copy())
    expect(await Promise.all(tabs.map(tab => tab.who(auth)))).toEqual(Array(10).fill('ada'))
    expect(new Set(tabs.map(tab => tab.token))).toEqual(new Set([token]))
    // A new login is under the newest, which is enough from then on.
    await firefox.logIn(auth, 'ada')
    expect(await firefox.who((await site.redeployed({ secrets: newest })).auth)).toBe('ada')
  })
})

describe('test_middleware', () => {
  it('test_no_password_change_doesnt_invalidate_session', async () => {
    const { auth, adasBrowser } = await authSite()
    const firefox = await adasBrowser()
    expect([await firefox.who(auth), await firefox.who(auth)]).toEqual(['ada', 'ada'])
  })

  it('test_changed_password_invalidates_session: nobody, and the session is gone', async () => {
    const { auth, adasBrowser, ada } = await authSite()
    const firefox = await adasBrowser()
    await firefox.session(session => session.set('cart', ['tea']))
    await auth.users.setPassword(ada.id, another)
    expect(await firefox.who(auth)).toBeNull()
    expect(firefox.token).toBe('')
    expect(await firefox.session(session => session.keys())).toEqual([])
  })

  it('test_no_session: a request that no adapter has seen is an error that says what to add', async () => {
    const { auth } = await authSite()
    await expect(auth.user(new Request('https://site.example/'))).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
  })

  it('test_auser: asked twice, looked up once', async () => {
    const { auth, adasBrowser, users } = await authSite()
    const firefox = await adasBrowser()
    let lookups = 0
    const { find } = users
    users.find = by => {
      lookups++
      return find(by)
    }
    const [first, second] = await firefox.visit(async request => [await auth.user(request), await auth.user(request)])
    expect([first, lookups]).toEqual([second, 1])
  })
})

describe('test_context_processors', () => {
  it('test_session_not_accessed, test_session_is_accessed: Vary is said by the page that asks who it is, and by no other', async () => {
    const { auth, adasBrowser } = await authSite()
    const firefox = await adasBrowser()
    const vary = async (page: (request: Request) => unknown) => (await firefox.open(page)).headers.get('vary')
    expect([await vary(() => 'a page'), await vary(request => auth.user(request))]).toEqual([null, 'Cookie'])
  })
})

describe('test_views', () => {
  const host = { host: 'testserver' }

  it('test_security_check: next leads to this host, or nowhere', async () => {
    const { auth, browser } = await authSite()
    const leadsTo = (next: string): Promise<string> =>
      browser().visit(request => auth.safeNext(request, next, '/profile'), { headers: host })
    const bad = ['http://example.com', 'http:///example.com', 'https://example.com', 'ftp://example.com']
    const worse = ['///example.com', '//example.com', 'javascript:alert("XSS")']
    for (const next of [...bad, ...worse]) expect([next, await leadsTo(next)]).toEqual([next, '/profile'])
    const good = [
      '/view/?param=http://example.com',
      '/view/?param=https://example.com',
      '/view?param=ftp://example.com',
    ]
    const better = ['view/?param=//example.com', 'https://testserver/', 'HTTPS://testserver/', '/url%20with%20spaces/']
    for (const next of [...good, ...better]) expect([next, await leadsTo(next)]).toEqual([next, next])
  })

  it('test_security_check_https: on https, next does not lead to plain http', async () => {
    const { auth, browser } = await authSite()
    // A browser would keep https for the second, but Django reads it as http.
    for (const next of ['http://testserver/path', '//testserver/']) {
      expect(await browser().visit(request => auth.safeNext(request, next), { headers: host })).toBe('/')
    }
  })

  it('test_login_csrf_rotate: the token of a form from before the login is good no more', async () => {
    const { auth, browser } = await authSite()
    const firefox = browser()
    await firefox.session(session => session.set('count', 1))
    const before = await firefox.visit(request => auth.formToken(request))
    await firefox.logIn(auth, 'ada')
    const sent = firefox.visit(request => auth.requireSameSite(request, before), { method: 'POST', headers: host })
    await expect(sent).rejects.toMatchObject({ code: 'CROSS_SITE_REQUEST' })
  })

  it('test_session_key_flushed_on_login: another user gets another key, and nothing of what was there', async () => {
    const { auth, adasBrowser, newUser } = await authSite()
    await newUser('grace')
    const firefox = await adasBrowser()
    await firefox.session(session => session.set('count', 1))
    const { token } = firefox
    await firefox.logIn(auth, 'grace')
    expect(firefox.token).not.toBe(token)
    expect(await firefox.session(session => session.has('count'))).toBe(false)
  })

  it('test_session_key_flushed_on_login_after_password_change: so does the same user after a change of the password', async () => {
    const { auth, adasBrowser, ada } = await authSite()
    const firefox = await adasBrowser()
    await firefox.session(session => session.set('count', 1))
    const { token } = firefox
    await auth.users.setPassword(ada.id, another)
    await firefox.logIn(auth, 'ada', false, another)
    expect(firefox.token).not.toBe(token)
    expect(await firefox.session(session => session.has('count'))).toBe(false)
  })

  it('test_login_session_without_hash_session_key: a session that only names the user is none, and a login makes it one', async () => {
    const { auth, browser, ada } = await authSite()
    const firefox = browser()
    await firefox.session(session => session.rotate({ userId: ada.id }))
    const { token } = firefox
    await firefox.logIn(auth, 'ada')
    expect([firefox.token === token, await firefox.who(auth)]).toEqual([false, 'ada'])
  })

  it('test_user_password_change_updates_session: logged in, under another key', async () => {
    const { auth, adasBrowser } = await authSite()
    const firefox = await adasBrowser()
    const { token } = firefox
    await firefox.visit(request => auth.changePassword(request, { current: password, password: another }))
    expect([firefox.token === token, await firefox.who(auth)]).toEqual([false, 'ada'])
  })

  it('test_password_change_fails_with_invalid_old_password, test_password_change_succeeds', async () => {
    const { auth, adasBrowser, browser } = await authSite()
    const firefox = await adasBrowser()
    const change = (current: string) =>
      firefox.visit(request => auth.changePassword(request, { current, password: another }))
    expect(await change('donuts')).toEqual({ changed: false, reason: 'wrong-password' })
    expect(await change(password)).toEqual({ changed: true })
    await expect(browser().logIn(auth, 'ada')).rejects.toThrow('not logged in: invalid')
    await browser().logIn(auth, 'ada', false, another)
  })

  it('test_logout_default, test_logout_doesnt_cache: nobody is logged in, and no cache keeps the answer', async () => {
    const { auth, adasBrowser } = await authSite()
    const firefox = await adasBrowser()
    const answer = await firefox.open(request => auth.logout(request))
    expect(answer.headers.get('cache-control')).toContain('no-store')
    expect(await firefox.session(session => session.userId)).toBeNull()
  })

  it('test_logout_with_post: in the same request, nobody is logged in any more', async () => {
    const { auth, adasBrowser } = await authSite()
    const firefox = await adasBrowser()
    const after = await firefox.visit(async request => {
      await auth.logout(request)
      return auth.user(request)
    })
    expect(after).toBeNull()
  })
})

describe('test_signals', () => {
  it('test_login: one event for a failure, which tells nothing that was typed; one for a success', async () => {
    const { auth, browser, events, ada } = await authSite()
    await expect(browser().logIn(auth, 'ada', false, 'bad')).rejects.toThrow('invalid')
    expect(events).toEqual([{ type: 'login-failed', reason: 'wrong' }])
    await browser().logIn(auth, 'ada')
    expect(events.slice(1)).toEqual([{ type: 'logged-in', userId: ada.id, how: 'password' }])
  })

  it('test_logout, test_logout_anonymous: an event with the user, and none where nobody was logged in', async () => {
    const { auth, adasBrowser, browser, events, ada } = await authSite()
    await browser().visit(request => auth.logout(request))
    expect(events).toEqual([])
    await (await adasBrowser()).visit(request => auth.logout(request))
    expect(events.at(-1)).toEqual({ type: 'logged-out', userId: ada.id })
  })

  it('test_update_last_login: only that field is written', async () => {
    const { auth, users, browser, ada } = await authSite()
    const firefox = browser()
    const { user } = await firefox.visit(request => auth.authenticate(request, { username: 'ada', password }))
    await users.update(ada.id, { firstName: 'Augusta' })
    await firefox.visit(request => auth.login(request, user ?? expect.fail('nobody')))
    const stored = await users.find({ id: ada.id })
    expect(stored).toMatchObject({ firstName: 'Augusta', lastLoginAt: expect.any(Date) })
  })
})

describe('test_auth_backends', () => {
  it('test_authentication_timing: one hash, whether there is such a user or not', async () => {
    const { auth, browser, passwords } = await authSite()
    for (const username of ['ada', 'no_such_user']) {
      passwords.hashes = 0
      await browser().visit(request => auth.authenticate(request, { username, password }))
      expect([username, passwords.hashes]).toEqual([username, 1])
    }
  })

  it('test_authentication_without_credentials: neither a hash nor a query', async () => {
    const { auth, browser, passwords, users } = await authSite()
    users.find = () => expect.fail('a query')
    for (const form of [{}, { username: 'ada' }, { password }]) {
      expect(await browser().visit(request => auth.authenticate(request, form))).toMatchObject({ user: null })
    }
    expect(passwords.hashes).toBe(0)
  })

  it('test_authenticate_inactive: as if there were none', async () => {
    const { auth, browser, ada } = await authSite()
    await auth.users.deactivate(ada.id)
    expect(await browser().visit(request => auth.authenticate(request, { username: 'ada', password }))).toMatchObject({
      user: null,
      reason: 'invalid',
    })
  })

  it('UUIDUserTests.test_login: ids are texts, whatever they are in the table', async () => {
    const { auth, adasBrowser, ada } = await authSite()
    expect(ada.id).toMatch(/^[\w-]+$/)
    const firefox = await adasBrowser()
    expect(await firefox.session(session => session.userId)).toBe(ada.id)
    expect(await firefox.who(auth)).toBe('ada')
  })

  it('RowlevelBackendTest: whose thing it is, the program tests itself', async () => {
    const { auth, adasBrowser, ada } = await authSite()
    const firefox = await adasBrowser()
    const own = (owner: string) =>
      firefox.visit(request => auth.requireThat(request, 'this letter', ({ id }) => id === owner))
    expect(await own(ada.id)).toMatchObject({ username: 'ada' })
    await expect(own('grace')).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
  })

  it('AnonymousUserBackendTest, InActiveUserBackendTest: no permission for nobody, or for a closed account', async () => {
    const { auth, adasBrowser, browser, users, ada } = await authSite()
    await users.grant({ user: ada.id }, 'blog.publish')
    const firefox = await adasBrowser()
    await firefox.visit(request => auth.requirePermission(request, 'blog.publish'))
    await auth.users.deactivate(ada.id)
    for (const one of [browser(), firefox]) {
      const asked = one.visit(request => auth.requirePermission(request, 'blog.publish'))
      await expect(asked).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
    }
  })

  it('NoBackendsTest: does not start', async () => {
    await expect(authSite({ backends: [] })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  it('PermissionDeniedBackendTest.test_authenticates, test_permission_denied: the first that refuses ends it', async () => {
    const site = await authSite()
    const denied = { name: 'denied', authenticate: async () => 'denied' as const }
    const form = { username: 'ada', password }
    const refused = await site.redeployed({ backends: [denied, 'password'] })
    expect(await site.browser().visit(request => refused.auth.authenticate(request, form))).toMatchObject({
      user: null,
    })
    const after = await site.redeployed({ backends: ['password', denied] })
    expect(await site.browser().visit(request => after.auth.authenticate(request, form))).toMatchObject({
      reason: null,
    })
  })

  it('test_type_error_raised: an error of a backend is not taken for a refusal', async () => {
    const site = await authSite()
    const broken = { name: 'broken', authenticate: () => Promise.reject(new TypeError('a fault')) }
    const { auth } = await site.redeployed({ backends: [broken, 'password'] })
    const tried = site.browser().open(request => auth.authenticate(request, { username: 'ada', password }))
    await expect(tried).rejects.toThrow('a fault')
  })

  it('test_skips_backends_without_arguments: who gets no password is not asked for one', async () => {
    const site = await authSite()
    const byCode = {
      name: 'code',
      authenticate: async ({ code }: { code?: unknown }) => (code === '1' ? site.ada.id : null),
    }
    const { auth } = await site.redeployed({ backends: ['password', byCode] })
    const found = await site.browser().visit(request => auth.authenticate(request, { code: '1' }))
    expect([found.user?.username, site.passwords.hashes]).toEqual(['ada', 0])
  })

  it('test_backend_path, SelectingBackendTests: the session notes how, by the backend, or as the program says', async () => {
    const { auth, browser, adasBrowser, ada } = await authSite()
    const how = (one: ReturnType<typeof browser>) => one.session(session => session.facts.how)
    expect(await how(await adasBrowser())).toBe('password')
    const firefox = browser()
    await firefox.visit(request => auth.login(request, ada, { how: 'single sign-on' }))
    expect(await how(firefox)).toBe('single sign-on')
  })
})

describe('test_hashers, test_models', () => {
  it('test_upgrade, test_check_password_upgrade: the hash is made anew at login, and nobody is told of a new password', async () => {
    const { auth, browser, users, events, ada } = await authSite()
    const { pbkdf2 } = await import('../../src/auth/passwords/formats/pbkdf2.ts')
    const old = createPasswords({ hasher: pbkdf2({ iterations: 1000, weak: true }) })
    await users.update(ada.id, { password: await old.hash(password) })
    await browser().logIn(auth, 'ada')
    expect((await users.find({ id: ada.id }))?.password.startsWith(quickHasher.scheme)).toBe(true)
    expect(events.map(({ type }) => type)).toEqual(['logged-in'])
  })
})
