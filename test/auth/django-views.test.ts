import { describe, expect, it } from 'vitest'
import { fetchAuth } from '../../src/auth/guards/fetch.ts'
import { type AuthBrowser, authSite, password, type SiteOptions } from './auth-site.ts'

// Named after the tests of Django's views, decorators and middleware (tests/auth_tests). docs/django.md has what differs.

const own = { host: 'site.example', 'sec-fetch-site': 'same-origin', accept: 'text/html' }

/** A site with the ready-made handlers, and pages for some. */
async function readyMade(options: SiteOptions & { home?: string } = {}) {
  const { home, ...rest } = options
  const site = await authSite(rest)
  const { login, logout, requireUser, requirePermission, requireThat } = fetchAuth(site.auth)
  const page = (): Response => new Response('a page')
  const pages: Record<string, (request: Request) => Response | Promise<Response>> = {
    '/login': login(home ? { home } : {}),
    '/logout': logout(home ? { home } : {}),
    '/publish': requirePermission('blog.publish')(page),
    '/staff': requireThat('staff', user => user.isStaff)(page),
    '/public': page,
  }
  const everythingElse = requireUser(page)
  const open = (browser: AuthBrowser, path: string, fields?: Record<string, string>): Promise<Response> => {
    const form = fields && { method: 'POST', body: new URLSearchParams(fields) }
    return browser.open(pages[path.split('?')[0] ?? ''] ?? everythingElse, { ...form, headers: own }, path)
  }
  const leadsTo = async (...of: Parameters<typeof open>): Promise<string | null> =>
    (await open(...of)).headers.get('location')
  return { ...site, open, leadsTo }
}

const ada = { username: 'ada', password }

describe('LoginTest, LoginRedirectUrlTest', () => {
  it('test_default, test_named, test_remote: a login leads to `home` of the handler, which is / where nothing is said', async () => {
    const plain = await readyMade()
    expect(await plain.leadsTo(plain.browser(), '/login', ada)).toBe('/')
    const custom = await readyMade({ home: '/profile' })
    expect(await custom.leadsTo(custom.browser(), '/login', ada)).toBe('/profile')
  })

  it('test_param, test_override: `next` goes before `home`, and that of the form before that of the URL', async () => {
    const { browser, leadsTo } = await readyMade({ home: '/profile' })
    expect(await leadsTo(browser(), '/login?next=/url', ada)).toBe('/url')
    expect(await leadsTo(browser(), '/login?next=/url', { ...ada, next: '/form' })).toBe('/form')
  })

  it('LoginSuccessURLAllowedHostsTest.test_success_url_allowed_hosts_unsafe_host: another host than its own is never led to', async () => {
    const { browser, leadsTo } = await readyMade({ home: '/profile' })
    expect(await leadsTo(browser(), '/login', { ...ada, next: 'https://evil/login' })).toBe('/profile')
  })
})

describe('LoginURLSettings, RedirectToLoginTests', () => {
  it('test_standard_login_url, test_login_url_with_querystring: with the way back in `next`', async () => {
    const { browser, leadsTo } = await readyMade()
    expect(await leadsTo(browser(), '/login_required/?a=1')).toBe('/login?next=%2Flogin_required%2F%3Fa%3D1')
    const asked = await readyMade({ loginPath: '/login?pretty=1' })
    expect(await asked.leadsTo(asked.browser(), '/page')).toBe('/login?pretty=1&next=%2Fpage')
  })

  it('test_redirect_to_login_with_lazy_and_unicode: what is no ASCII in the way back is encoded', async () => {
    const { browser, leadsTo } = await readyMade()
    expect(await leadsTo(browser(), '/cafés')).toBe('/login?next=%2Fcaf%25C3%25A9s')
  })
})

describe('LogoutTest, LogoutThenLoginTests', () => {
  it('test_logout_with_next_page_specified, test_logout_redirect_url_setting: leads to `home` of the handler', async () => {
    const { adasBrowser, auth, leadsTo } = await readyMade({ home: '/bye' })
    const firefox = await adasBrowser()
    expect([await leadsTo(firefox, '/logout', {}), await firefox.who(auth)]).toEqual(['/bye', null])
  })

  it('test_logout_with_redirect_argument, test_logout_with_custom_redirect_argument: the field `next` goes before it', async () => {
    const { adasBrowser, leadsTo } = await readyMade({ home: '/bye' })
    expect(await leadsTo(await adasBrowser(), '/logout', { next: '/login' })).toBe('/login')
  })

  it('test_security_check, test_security_check_https: `next` leads to this host and to https, or nowhere', async () => {
    const { adasBrowser, leadsTo, auth } = await readyMade({ home: '/bye' })
    for (const next of ['https://evil.example', '//evil.example', 'javascript:alert("XSS")', 'http://site.example/x']) {
      const firefox = await adasBrowser()
      expect([next, await leadsTo(firefox, '/logout', { next }), await firefox.who(auth)]).toEqual([next, '/bye', null])
    }
    expect(await leadsTo(await adasBrowser(), '/logout', { next: 'https://site.example/x' })).toBe(
      'https://site.example/x',
    )
  })

  it('test_logout_with_get_raises_405, LogoutThenLoginTests: GET is 405, and nobody is logged out', async () => {
    const { adasBrowser, open, auth } = await readyMade()
    const firefox = await adasBrowser()
    const { status, headers } = await open(firefox, '/logout')
    expect([status, headers.get('allow'), await firefox.who(auth)]).toEqual([405, 'POST', 'ada'])
  })

  it('test_logout_preserve_language: cookies of the program stay as they are', async () => {
    const { adasBrowser, open } = await readyMade()
    const firefox = await adasBrowser()
    firefox.plant('django_language=pl')
    await open(firefox, '/logout', {})
    expect(firefox.jar.get('django_language')).toBe('pl')
  })

  it('test_logout_without_session_user, test_logout_anonymous: nobody can log out too', async () => {
    const { browser, leadsTo } = await readyMade()
    expect(await leadsTo(browser(), '/logout', {})).toBe('/')
  })
})

describe('LoginRequiredMiddlewareTests', () => {
  it('test_public_function_view, test_protected_function_view, test_login_required_paths: by a guard before all but some routes', async () => {
    const { browser, adasBrowser, open } = await readyMade()
    const answers = async (one: AuthBrowser) => [
      (await open(one, '/public')).status,
      (await open(one, '/protected')).status,
    ]
    expect(await answers(browser())).toEqual([200, 303])
    expect(await answers(await adasBrowser())).toEqual([200, 200])
  })
})

describe('test_decorators, test_mixins', () => {
  it('test_many_permissions_pass, test_user_passes: whoever has what is asked for sees the page', async () => {
    const site = await readyMade()
    await site.users.grant({ user: site.ada.id }, 'blog.publish')
    await site.auth.users.setStanding(site.ada.id, { isStaff: true })
    const firefox = await site.adasBrowser()
    expect([(await site.open(firefox, '/publish')).status, (await site.open(firefox, '/staff')).status]).toEqual([
      200, 200,
    ])
  })

  it('test_permissioned_denied_redirect: nobody is sent to the login page', async () => {
    const { browser, leadsTo } = await readyMade()
    expect(await leadsTo(browser(), '/publish')).toBe('/login?next=%2Fpublish')
    expect(await leadsTo(browser(), '/staff')).toBe('/login?next=%2Fstaff')
  })

  it('test_permissioned_denied_exception_raised: who is logged in and may not is told 403, and goes round in no circle', async () => {
    const { adasBrowser, open } = await readyMade()
    const firefox = await adasBrowser()
    expect([(await open(firefox, '/publish')).status, (await open(firefox, '/staff')).status]).toEqual([403, 403])
  })
})

describe('ChangePasswordTest', () => {
  it('test_password_change_done_fails: nobody has no password to change', async () => {
    const { auth, browser } = await readyMade()
    const change = browser().visit(request => auth.changePassword(request, { current: password, password: 'x' }))
    expect(await change).toEqual({ changed: false, reason: 'not-logged-in' })
  })
})
