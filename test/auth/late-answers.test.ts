import { describe, expect, it } from 'vitest'
import { type AuthBrowser, authSite, password, type Site, stages } from './auth-site.ts'

// One tab of a remembered browser gets new cookies. Another had sent its request with the old ones before that, and its answer comes
// after: what it sets or deletes, it does to the new ones.

const fresh = 'another horse, another battery'
const remember = (browser: AuthBrowser): string => browser.jar.get('__Host-remember') ?? ''

/** What happens in one tab, while the request of another is under way with the cookies of before. Gives the page that it saw. */
async function overtaken<T>(
  browser: AuthBrowser,
  inOneTab: (request: Request) => unknown,
  inTheOther: (request: Request) => Promise<T>,
): Promise<T> {
  const late = browser.copy()
  await browser.visit(inOneTab)
  let seen: { page: T } | undefined
  const answer = await late.open(async request => {
    seen = { page: await inTheOther(request) }
  })
  browser.jar.store('/', answer)
  return seen ? seen.page : expect.fail(`answered with status ${answer.status}`)
}

const nameOf = (auth: Site['auth']) => async (request: Request) => (await auth.user(request))?.username ?? null

async function sessionsOf({ watch, ada }: Site): Promise<string[]> {
  const ids: string[] = []
  for await (const { id, payload } of watch.store.find('userId', ada.id)) if (!payload.includes('markKey')) ids.push(id)
  return ids
}

const ways: Readonly<Record<string, (site: Site) => (request: Request) => unknown>> = {
  'proved the password again': site => request => site.auth.elevate(request, { password }),
  'got a new token from the program': site => async request => (await site.sessions.of(request)).rotate(),
}

describe.each(Object.keys(stages))(
  'R5: a request of a remembered browser that another tab has overtaken, on %s',
  stage => {
    it.each(Object.keys(ways))('when that %s: it is logged in, and takes nothing from the browser', async way => {
      const site = await authSite({ stage })
      const { auth, happened, clock } = site
      const firefox = await site.adasBrowser({ remember: true })
      await firefox.session(session => session.set('cart', ['tea']))
      clock.advance('1h')
      expect(await overtaken(firefox, ways[way]?.(site) ?? expect.fail(way), nameOf(auth))).toBe('ada')
      expect(await firefox.session(session => session.get('cart'))).toEqual(['tea'])
      expect(await firefox.visit(request => auth.devices(request))).toMatchObject([
        { isCurrent: true, remembered: false },
      ])
      expect(await sessionsOf(site)).toHaveLength(1)
      expect(happened()).not.toContain('remembered')
    })

    it('the step-up that the other tab made is not lost', async () => {
      const { auth, adasBrowser, clock } = await authSite({ stage })
      const firefox = await adasBrowser({ remember: true })
      clock.advance('1h')
      await overtaken(firefox, request => auth.elevate(request, { password }), nameOf(auth))
      expect(await firefox.visit(request => auth.requireFresh(request))).toMatchObject({ username: 'ada' })
    })

    it('50 of them are all logged in, with one rotation at most, and no alarm', async () => {
      const { auth, adasBrowser, clock, happened } = await authSite({ stage })
      const firefox = await adasBrowser({ remember: true })
      clock.advance('1h')
      const tabs = Array.from({ length: 50 }, () => firefox.copy())
      const old = remember(firefox)
      await firefox.visit(request => auth.elevate(request, { password }))
      const answers = await Promise.all(
        tabs.map(tab => tab.open(async request => new Response(await nameOf(auth)(request)))),
      )
      expect(new Set(await Promise.all(answers.map(answer => answer.text())))).toEqual(new Set(['ada']))
      expect(new Set(tabs.map(remember).filter(value => value !== old)).size).toBeLessThanOrEqual(1)
      expect(happened()).not.toContain('remember-theft')
      for (const answer of answers) firefox.jar.store('/', answer)
      await firefox.visit(request => auth.requireFresh(request))
      clock.advance('15d')
      expect(await firefox.who(auth)).toBe('ada')
    })

    it.each<[string, (auth: Site['auth'], request: Request) => unknown]>([
      [
        'the password is changed',
        (auth, request) => auth.changePassword(request, { current: password, password: fresh }),
      ],
      ['the other devices are ended', (auth, request) => auth.endOtherDevices(request)],
      ['the user logs in again', (auth, request) => logIn(auth, request)],
    ])('when %s there: the browser stays logged in, and is remembered by its new cookie', async (_what, inOneTab) => {
      const { auth, adasBrowser, clock } = await authSite({ stage })
      const firefox = await adasBrowser({ remember: true })
      const old = remember(firefox)
      expect(await overtaken(firefox, request => inOneTab(auth, request), nameOf(auth))).toBeNull()
      expect([remember(firefox), await firefox.who(auth)]).toEqual([expect.stringMatching(/\w/), 'ada'])
      expect(remember(firefox)).not.toBe(old)
      clock.advance('15d')
      expect(await firefox.who(auth)).toBe('ada')
    })
  },
)

describe.each(['before', 'after'] as const)('a request that comes right %s what voids the other sessions', moment => {
  it.each<[string, (auth: Site['auth'], request: Request) => Promise<unknown>]>([
    [
      'a change of the password',
      (auth, request) => auth.changePassword(request, { current: password, password: fresh }),
    ],
    ['the end of the other devices', (auth, request) => auth.endOtherDevices(request)],
  ])('%s: its answer, which comes last, takes nothing from the browser', async (_what, change) => {
    for (const remember of [false, true]) {
      const { auth, adasBrowser, users } = await authSite()
      const firefox = await adasBrowser({ remember })
      await firefox.session(session => session.set('cart', ['tea']))
      const otherTab = firefox.copy()
      const { update } = users
      let late: Response | undefined
      const askThere = async (): Promise<void> => {
        late = await otherTab.open(request => auth.user(request))
      }
      users.update = async (...args) => {
        users.update = update
        if (moment === 'before') await askThere()
        const outcome = await update.apply(users, args)
        if (moment === 'after') await askThere()
        return outcome
      }
      await firefox.visit(request => change(auth, request))
      firefox.jar.store('/', late ?? expect.fail('no answer'))
      expect([await firefox.who(auth), await firefox.session(session => session.get('cart'))]).toEqual(['ada', ['tea']])
      expect(firefox.jar.get('__Host-remember') !== undefined).toBe(remember)
    }
  })
})

async function logIn(auth: Site['auth'], request: Request): Promise<void> {
  const { user } = await auth.authenticate(request, { username: 'ada', password })
  await auth.login(request, user ?? expect.fail('nobody'), { remember: true })
}

describe('a remembered browser that lost the answer with its new token', () => {
  async function lost(): Promise<Site & { firefox: AuthBrowser }> {
    const site = await authSite()
    const firefox = await site.adasBrowser({ remember: true })
    site.clock.advance('1h')
    await firefox.copy().visit(request => site.auth.elevate(request, { password }))
    return { ...site, firefox }
  }

  it('is logged in all the same, and has a session of its own when the grace is over', async () => {
    const { auth, firefox, clock } = await lost()
    const { token } = firefox
    expect([await firefox.who(auth), firefox.token]).toEqual(['ada', token])
    clock.advance('30s')
    expect(await firefox.who(auth)).toBe('ada')
    expect(firefox.token).not.toBe(token)
    expect(await firefox.visit(request => auth.devices(request))).toMatchObject([{ isCurrent: true }])
  })

  it('changes nothing until then: what would need its session is refused', async () => {
    const { auth, firefox } = await lost()
    await expect(firefox.visit(request => auth.elevate(request, { password }))).rejects.toMatchObject({
      code: 'SESSION_ENDED',
    })
    await expect(firefox.visit(request => auth.requireFresh(request))).rejects.toMatchObject({ code: 'LOGIN_STALE' })
    const change = { current: password, password: fresh }
    expect(await firefox.visit(request => auth.changePassword(request, change))).toMatchObject({ changed: false })
  })

  it('can be logged out: that holds for the session whose token it did not get', async () => {
    const site = await lost()
    const { auth, firefox } = site
    await firefox.visit(request => auth.logout(request))
    expect([await firefox.who(auth), remember(firefox)]).toEqual([null, ''])
    expect(await sessionsOf(site)).toEqual([])
  })
})
