import { describe, expect, it } from 'vitest'
import { type AuthBrowser, authSite, type Site, type SiteOptions, stages } from './auth-site.ts'

/** Ada ticked "remember me" on this browser, and comes back when her session is over. */
async function remembered(options: SiteOptions = {}): Promise<Site & { firefox: AuthBrowser }> {
  const site = await authSite(options)
  const firefox = await site.adasBrowser({ remember: true })
  site.clock.advance('15d')
  return { ...site, firefox }
}

const remember = (browser: AuthBrowser): string => browser.jar.get('__Host-remember') ?? ''

describe.each(Object.keys(stages))('a browser that is remembered, on %s', stage => {
  it('is logged in without asking when its session is over, under a new token', async () => {
    const { auth, firefox, events, ada } = await remembered({ stage })
    const { token } = firefox
    expect(await firefox.who(auth)).toBe('ada')
    expect(firefox.token).not.toBe(token)
    expect(events.at(-1)).toEqual({ type: 'remembered', userId: ada.id, family: expect.any(String) })
    // From then on by the session: no other cookie, no other event.
    const cookies = firefox.jar.header('/')
    expect(await firefox.who(auth)).toBe('ada')
    expect([firefox.jar.header('/'), events]).toEqual([cookies, expect.objectContaining({ length: 2 })])
  })

  it('R1: 50 parallel requests are all logged in, with one rotation, no alarm, and one device', async () => {
    const { auth, firefox, happened, clock } = await remembered({ stage })
    const old = remember(firefox)
    const tabs = Array.from({ length: 50 }, () => firefox.copy())
    expect(await Promise.all(tabs.map(tab => tab.who(auth)))).toEqual(Array(50).fill('ada'))
    expect(new Set(tabs.map(remember)).size).toBe(2)
    expect(happened()).not.toContain('remember-theft')
    // Whichever answer came last: what the browser holds is good, and so is the newest cookie later.
    for (const tab of tabs) expect(await tab.who(auth)).toBe('ada')
    const devices = (await tabs[0]?.visit(request => auth.devices(request))) ?? []
    expect(devices).toMatchObject([{ isCurrent: true, remembered: true }])
    const winner = tabs.find(tab => remember(tab) !== old) ?? expect.fail('no rotation')
    clock.advance('15d')
    expect(await winner.who(auth)).toBe('ada')
  })

  it('R3, R4: a copy is noticed; the family, and the sessions that came from it, are dead, and other devices are not', async () => {
    const { auth, firefox, events, clock, adasBrowser, ada } = await remembered({ stage })
    const phone = await adasBrowser({ remember: true })
    const thief = firefox.copy()
    await firefox.who(auth)
    clock.advance('15d')
    await firefox.who(auth)
    expect(await thief.who(auth)).toBeNull()
    expect(events.at(-1)).toEqual({ type: 'remember-theft', userId: ada.id, family: expect.any(String) })
    expect([await firefox.who(auth), await firefox.who(auth), await phone.who(auth)]).toEqual([null, null, 'ada'])
    expect(events.filter(({ type }) => type === 'remember-theft')).toHaveLength(1)
    expect([remember(thief), remember(firefox)]).toEqual(['', ''])
  })

  it('R7: is forgotten with a change of the password, a closed account, and the end of all sessions (CVE-2021-41268)', async () => {
    const ends: ((site: Site) => Promise<unknown>)[] = [
      ({ auth, ada }) => auth.users.setPassword(ada.id, 'another horse, another battery'),
      ({ auth, ada }) => auth.users.deactivate(ada.id),
      ({ auth, ada }) => auth.users.delete(ada.id),
      ({ auth, ada }) => auth.endSessionsOf(ada.id),
      async ({ auth, adasBrowser }) => (await adasBrowser()).visit(request => auth.endOtherDevices(request)),
      async ({ auth, adasBrowser }) => (await adasBrowser()).visit(request => auth.endDevices(request)),
    ]
    for (const end of ends) {
      const { auth, firefox, watch, ada, ...site } = await remembered({ stage })
      const old = firefox.copy()
      await end({ auth, watch, ada, ...site })
      expect([await firefox.who(auth), await firefox.who(auth), await old.who(auth)]).toEqual([null, null, null])
      const kept: string[] = []
      for await (const { payload } of watch.store.find('userId', ada.id)) kept.push(payload)
      expect(kept.filter(payload => payload.includes('markKey'))).toEqual([])
    }
  })

  it('R9: is forgotten after 90 days, however often it comes', async () => {
    const { auth, firefox, clock } = await remembered({ stage })
    for (let days = 15; days < 90; days += 15) {
      expect(await firefox.who(auth)).toBe('ada')
      clock.advance('15d')
    }
    expect(await firefox.who(auth)).toBeNull()
  })

  it('R10: is forgotten by logging out on it, and on no other (CVE-2015-8314)', async () => {
    const { auth, firefox, adasBrowser, clock } = await remembered({ stage })
    const phone = await adasBrowser({ remember: true })
    await firefox.who(auth)
    const copy = firefox.copy()
    await firefox.visit(request => auth.logout(request))
    expect(remember(firefox)).toBe('')
    clock.advance('15d')
    expect([await firefox.who(auth), await copy.who(auth), await phone.who(auth)]).toEqual([null, null, 'ada'])
  })

  it('R11: has not proved anything today: requireFresh refuses, also minutes after the login; a step-up gives a new token', async () => {
    const { auth, adasBrowser, clock } = await authSite({ stage })
    const firefox = await adasBrowser({ remember: true })
    clock.advance('1m')
    await firefox.visit(request => auth.requireFresh(request))
    firefox.loseSession()
    const fresh = (): Promise<unknown> => firefox.visit(request => auth.requireFresh(request))
    await expect(fresh()).rejects.toMatchObject({ code: 'LOGIN_STALE', status: 403 })
    const { token } = firefox
    expect(await firefox.visit(request => auth.elevate(request, { password: 'correct horse battery staple' }))).toBe(
      true,
    )
    expect(firefox.token).not.toBe(token)
    await fresh()
    expect(await firefox.visit(request => auth.devices(request))).toMatchObject([{ remembered: false }])
    // The step-up is the session's: it is lost with it.
    firefox.loseSession()
    await expect(fresh()).rejects.toMatchObject({ code: 'LOGIN_STALE' })
  })

  it('R12: leaves nothing in the store that opens anything', async () => {
    const { auth, firefox, watch, ada } = await remembered({ stage })
    await firefox.who(auth)
    const rows: string[] = []
    for await (const record of watch.store.find('userId', ada.id)) rows.push(JSON.stringify(record))
    expect(rows.some(row => row.includes('markKey'))).toBe(true)
    for (const secret of [firefox.token, ...remember(firefox).split('.')]) {
      expect(secret.length).toBeGreaterThan(20)
      expect(rows.filter(row => row.includes(secret))).toEqual([])
    }
  })
})

describe.each(Object.keys(stages))(
  'a browser that is remembered and has been an anonymous visitor since, on %s',
  stage => {
    it('R1: of 50 parallel requests all are logged in, and the cart stays, whichever answer comes last', async () => {
      const { auth, firefox, happened } = await remembered({ stage })
      await firefox.session(session => session.set('cart', ['tea']))
      const tabs = Array.from({ length: 50 }, () => firefox.copy())
      const answers = await Promise.all(
        tabs.map(tab => tab.open(async request => new Response((await auth.user(request))?.username))),
      )
      expect(new Set(await Promise.all(answers.map(answer => answer.text())))).toEqual(new Set(['ada']))
      for (const answer of answers) {
        firefox.jar.store('/', answer)
        expect(await firefox.who(auth)).toBe('ada')
        expect(await firefox.session(session => session.get('cart'))).toEqual(['tea'])
      }
      expect(happened()).not.toContain('remember-theft')
    })
  },
)

describe.each(['cookie', 'store without index'] as const)('where sessions rest in the %s', sessionsIn => {
  it('R1: 50 parallel requests are all logged in, with one rotation and no alarm', async () => {
    const { auth, firefox, happened, clock } = await remembered({ sessionsIn })
    const tabs = Array.from({ length: 50 }, () => firefox.copy())
    expect(await Promise.all(tabs.map(tab => tab.who(auth)))).toEqual(Array(50).fill('ada'))
    expect(new Set(tabs.map(remember)).size).toBe(2)
    for (const tab of tabs) expect(await tab.who(auth)).toBe('ada')
    clock.advance('15d')
    const winner = tabs.find(tab => remember(tab) !== remember(firefox)) ?? expect.fail('no rotation')
    expect(await winner.who(auth)).toBe('ada')
    expect(happened()).not.toContain('remember-theft')
  })
})

describe('R2: an answer that is lost', () => {
  it('with the new cookie in it does no harm: the old one works', async () => {
    const { auth, firefox, clock, happened } = await remembered()
    const lost = firefox.copy()
    await lost.who(auth)
    clock.advance('1d')
    expect(await firefox.who(auth)).toBe('ada')
    expect(happened()).not.toContain('remember-theft')
  })
})

describe('R6, R8: a cookie that was made up', () => {
  it('of a known selector, or of the verifier of another, opens nothing and raises no alarm (CVE-2024-51996)', async () => {
    const { auth, firefox, browser, newUser, happened } = await remembered()
    await newUser('grace')
    const graces = browser()
    await graces.logIn(auth, 'grace', true)
    const [selector] = remember(firefox).split('.')
    const [, verifier = '', mark = ''] = remember(graces).split('.')
    for (const value of [
      `${selector}.${verifier}.${mark}`,
      `${selector}.${'A'.repeat(43)}.${mark}`,
      'x',
      '..',
      '%00',
    ]) {
      const stranger = browser()
      stranger.plant(`__Host-remember=${value}`)
      expect(await stranger.who(auth)).toBeNull()
    }
    expect(happened()).not.toContain('remember-theft')
    expect(await firefox.who(auth)).toBe('ada')
  })
})

describe('R13: remember me', () => {
  it('is its own purpose: the cookie of a known browser logs nobody in', async () => {
    const { auth, firefox, browser } = await remembered()
    const stranger = browser()
    stranger.plant(`__Host-device=${firefox.jar.get('__Host-device')}`)
    stranger.plant(`__Host-remember=${firefox.jar.get('__Host-device')}`)
    expect(await stranger.who(auth)).toBeNull()
  })

  it('happens only where the box was ticked: else the session ends with the browser', async () => {
    const { auth, adasBrowser } = await authSite()
    const [without, ticked] = [await adasBrowser(), await adasBrowser({ remember: true })]
    for (const browser of [without, ticked]) browser.jar.closeBrowser()
    expect([await without.who(auth), await ticked.who(auth)]).toEqual([null, 'ada'])
    expect(remember(without)).toBe('')
  })

  it('a login without the tick forgets what was remembered', async () => {
    const { auth, firefox, clock } = await remembered()
    await firefox.logIn(auth, 'ada')
    clock.advance('15d')
    expect(await firefox.who(auth)).toBeNull()
  })

  it('logging out ends the family also where the browser has lost its cookie, and a thief has not', async () => {
    const { auth, adasBrowser } = await authSite()
    const firefox = await adasBrowser({ remember: true })
    const thief = firefox.copy()
    thief.loseSession()
    firefox.jar.store('/', new Response(null, { headers: { 'set-cookie': '__Host-remember=; Path=/; Max-Age=0' } }))
    await firefox.visit(request => auth.logout(request))
    expect(await thief.who(auth)).toBeNull()
  })

  it('without a place for families nobody is remembered, and the session outlives the browser all the same', async () => {
    const { auth, adasBrowser, clock } = await authSite({ remember: false })
    const firefox = await adasBrowser({ remember: true })
    expect(remember(firefox)).toBe('')
    firefox.jar.closeBrowser()
    expect(await firefox.who(auth)).toBe('ada')
    clock.advance('15d')
    expect(await firefox.who(auth)).toBeNull()
  })

  it('keeps the cart that the anonymous visitor had', async () => {
    const { auth, firefox } = await remembered()
    await firefox.session(session => session.set('cart', ['tea']))
    expect(await firefox.who(auth)).toBe('ada')
    expect(await firefox.session(session => session.get('cart'))).toEqual(['tea'])
  })

  it('does not let somebody else in beside the session: of two users in one browser, the session decides (CVE-2023-0264)', async () => {
    const { auth, firefox, browser, newUser } = await remembered()
    await newUser('grace')
    const graces = browser()
    await graces.logIn(auth, 'grace')
    graces.plant(`__Host-remember=${remember(firefox)}`)
    expect(await graces.who(auth)).toBe('grace')
  })

  it('of a store that is down is an error with status 503, and the cookie stays', async () => {
    const { auth, firefox, watch } = await remembered()
    const cookies = firefox.jar.header('/')
    watch.mode = 'down'
    expect((await firefox.open(request => auth.user(request))).status).toBe(503)
    watch.mode = 'up'
    expect(firefox.jar.header('/')).toBe(cookies)
    expect(await firefox.who(auth)).toBe('ada')
  })

  it('works with sessions in their cookies, and a theft ends all of the user: which ones came from the copy is not known', async () => {
    const { auth, firefox, clock, adasBrowser, happened } = await remembered({ sessionsIn: 'cookie' })
    const phone = await adasBrowser()
    const thief = firefox.copy()
    expect(await firefox.who(auth)).toBe('ada')
    clock.advance('1d')
    firefox.loseSession()
    expect(await firefox.who(auth)).toBe('ada')
    expect(await thief.who(auth)).toBeNull()
    expect([await firefox.who(auth), await phone.who(auth)]).toEqual([null, null])
    expect(happened().filter(type => type === 'remember-theft')).toHaveLength(1)
  })
})
