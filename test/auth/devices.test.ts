import { describe, expect, it } from 'vitest'
import { type AuthBrowser, authSite, password, type Site, type SiteOptions, stages } from './auth-site.ts'

const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'

/** Ada is logged in on her computer, and on her phone. */
async function twoDevices(options: SiteOptions = {}): Promise<Site & { firefox: AuthBrowser; phone: AuthBrowser }> {
  const site = await authSite(options)
  const firefox = await site.adasBrowser({ address: '203.0.113.77' })
  site.clock.advance('1h')
  const phone = await site.adasBrowser({ userAgent: iphone, address: '2001:db8:1234:5678::9', remember: true })
  return { ...site, firefox, phone }
}

async function who(auth: Site['auth'], ...browsers: readonly AuthBrowser[]): Promise<(string | null)[]> {
  return Promise.all(browsers.map(browser => browser.who(auth)))
}

describe.each(Object.keys(stages))('ASVS 7.5.2: the devices of a user, on %s', stage => {
  it('are listed in words, this one first, and no entry opens anything', async () => {
    const { auth, firefox, phone } = await twoDevices({ stage })
    const devices = await firefox.visit(request => auth.devices(request))
    expect(devices).toEqual([
      expect.objectContaining({ browser: 'Firefox', system: 'Linux', network: '203.0.113.x', isCurrent: true }),
      expect.objectContaining({ browser: 'Safari', system: 'iPhone', network: '2001:db8:1234::', isCurrent: false }),
    ])
    expect(devices[0]).toMatchObject({ how: 'password', remembered: false, loggedInAt: expect.any(Date) })
    const shown = JSON.stringify(devices)
    for (const secret of [firefox.token, phone.token, '203.0.113.77', '5678::9']) expect(shown).not.toContain(secret)
  })

  it('are listed with a login of this very request', async () => {
    const { auth, browser } = await authSite({ stage })
    const devices = await browser().visit(async request => {
      const { user } = await auth.authenticate(request, { username: 'ada', password })
      await auth.login(request, user ?? expect.fail('nobody'))
      return auth.devices(request)
    })
    expect(devices).toMatchObject([{ isCurrent: true }])
  })

  it('end one by one, from their next request on, and are not brought back by "remember me"', async () => {
    const { auth, firefox, phone, events, ada } = await twoDevices({ stage })
    const [, other] = await firefox.visit(request => auth.devices(request))
    expect(await firefox.visit(request => auth.endDevice(request, other?.id ?? ''))).toBe(true)
    expect(await who(auth, firefox, phone)).toEqual(['ada', null])
    phone.loseSession()
    expect(await phone.who(auth)).toBeNull()
    expect(events).toContainEqual({ type: 'sessions-ended', userId: ada.id, which: 'one' })
  })

  it('to end the one that asks is to log out', async () => {
    const { auth, phone, firefox } = await twoDevices({ stage })
    const [own] = await phone.visit(request => auth.devices(request))
    expect(await phone.visit(request => auth.endDevice(request, own?.id ?? ''))).toBe(true)
    expect([phone.token, phone.jar.get('__Host-remember')]).toEqual(['', undefined])
    expect(await who(auth, firefox, phone)).toEqual(['ada', null])
  })

  it('of another user are none of theirs', async () => {
    const { auth, firefox, browser, newUser } = await twoDevices({ stage })
    await newUser('grace')
    const graces = browser()
    await graces.logIn(auth, 'grace')
    const [adas] = await firefox.visit(request => auth.devices(request))
    for (const id of [adas?.id ?? '', 'x', '', '../../etc/passwd']) {
      expect(await graces.visit(request => auth.endDevice(request, id))).toBe(false)
    }
    expect(await browser().visit(request => auth.endDevice(request, adas?.id ?? ''))).toBe(false)
    expect(await browser().visit(request => auth.devices(request))).toEqual([])
    expect(await firefox.who(auth)).toBe('ada')
  })

  it('all others end, and this one goes on under a new token, remembered as before', async () => {
    const { auth, firefox, phone, clock } = await twoDevices({ stage })
    const old = phone.copy()
    await phone.visit(request => auth.endOtherDevices(request))
    expect(await who(auth, phone, firefox, old)).toEqual(['ada', null, null])
    expect(phone.token).not.toBe(old.token)
    expect(await phone.visit(request => auth.devices(request))).toHaveLength(1)
    clock.advance('15d')
    expect(await who(auth, phone, old)).toEqual(['ada', null])
  })

  it('ASVS 7.4.5: all of a user end with one call, and nobody else’s; a login afterwards is good', async () => {
    const { auth, firefox, phone, ada, browser, newUser, adasBrowser } = await twoDevices({ stage })
    await newUser('grace')
    const graces = browser()
    await graces.logIn(auth, 'grace')
    await auth.endSessionsOf(ada.id)
    expect(await who(auth, firefox, phone, graces)).toEqual([null, null, 'grace'])
    expect(await who(auth, await adasBrowser())).toEqual(['ada'])
  })

  it('all end from one of them, that one too', async () => {
    const { auth, firefox, phone, happened } = await twoDevices({ stage })
    await phone.visit(request => auth.endDevices(request))
    expect([phone.token, phone.jar.get('__Host-remember')]).toEqual(['', undefined])
    expect(await who(auth, firefox, phone)).toEqual([null, null])
    expect(happened()).toContain('sessions-ended')
  })

  it('that are void already are not listed', async () => {
    const { auth, users, passwords, firefox, ada } = await twoDevices({ stage })
    const another = 'another horse, another battery'
    await users.update(ada.id, { password: await passwords.hash(another) })
    await firefox.logIn(auth, 'ada', false, another)
    expect(await firefox.visit(request => auth.devices(request))).toHaveLength(1)
  })
})

describe('sessions that nobody can list', () => {
  const places = ['cookie', 'store without index'] as const

  it.each(places)('in a %s: all, or all others, end at their next request; the list is empty', async sessionsIn => {
    const { auth, firefox, phone, ada } = await twoDevices({ sessionsIn })
    expect(await firefox.visit(request => auth.devices(request))).toEqual([])
    expect(await firefox.visit(request => auth.endDevice(request, 'x'))).toBe(false)
    await phone.visit(request => auth.endOtherDevices(request))
    expect(await who(auth, phone, firefox)).toEqual(['ada', null])
    phone.loseSession()
    expect(await phone.who(auth)).toBe('ada')
    await auth.endSessionsOf(ada.id)
    expect(await phone.who(auth)).toBeNull()
  })

  it.each(places)('in a %s: a change of the password keeps this one and ends the others', async sessionsIn => {
    const { auth, firefox, phone } = await twoDevices({ sessionsIn })
    const change = { current: password, password: 'another horse, another battery' }
    expect(await phone.visit(request => auth.changePassword(request, change))).toEqual({ changed: true })
    expect(await who(auth, phone, firefox)).toEqual(['ada', null])
  })

  it.each(places)('in a %s: a limit of sessions does not start', async sessionsIn => {
    const limited = authSite({ sessionsIn, sessionLimit: { most: 3, whenFull: 'reject' } })
    await expect(limited).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
})

describe.each(Object.keys(stages))('ASVS 7.1.2: at most three sessions of a user, on %s', stage => {
  const limited = (whenFull: 'evict-oldest' | 'reject') =>
    authSite({ stage, throttle: false, sessionLimit: { most: 3, whenFull } })

  async function fourLogins(site: Site, remember = false): Promise<AuthBrowser[]> {
    const browsers: AuthBrowser[] = []
    for (let n = 0; n < 4; n++) {
      site.clock.advance('1m')
      const browser = site.browser()
      await browser.logIn(site.auth, 'ada', remember).catch(error => expect(error).toMatchObject({ status: 409 }))
      browsers.push(browser)
    }
    return browsers
  }

  it('evict-oldest: the fourth login ends the first, which "remember me" does not bring back', async () => {
    const site = await limited('evict-oldest')
    const browsers = await fourLogins(site, true)
    expect(await who(site.auth, ...browsers)).toEqual([null, 'ada', 'ada', 'ada'])
    expect(await who(site.auth, ...browsers)).toEqual([null, 'ada', 'ada', 'ada'])
  })

  it('reject: the fourth login is SESSIONS_FULL, and leaves nothing; after a logout there is a place', async () => {
    const site = await limited('reject')
    const browsers = await fourLogins(site, true)
    expect(await who(site.auth, ...browsers)).toEqual(['ada', 'ada', 'ada', null])
    expect(browsers[3]?.jar.get('__Host-remember')).toBeUndefined()
    const [first, , , fourth] = browsers
    await expect(fourth?.logIn(site.auth, 'ada')).rejects.toMatchObject({ code: 'SESSIONS_FULL' })
    await first?.visit(request => site.auth.logout(request))
    await fourth?.logIn(site.auth, 'ada')
    expect(await who(site.auth, ...browsers)).toEqual([null, 'ada', 'ada', 'ada'])
  })

  it('does not count a second login on the same browser, or sessions that are void', async () => {
    const { auth, adasBrowser, users, passwords, ada } = await limited('reject')
    const firefox = await adasBrowser()
    for (let n = 0; n < 5; n++) await firefox.logIn(auth, 'ada')
    await adasBrowser()
    await adasBrowser()
    const another = 'another horse, another battery'
    await users.update(ada.id, { password: await passwords.hash(another) })
    await firefox.logIn(auth, 'ada', false, another)
    expect(await firefox.who(auth)).toBe('ada')
  })

  it.each(['evict-oldest', 'reject'] as const)('%s: of 50 parallel logins, three remain', async whenFull => {
    const { auth, browser } = await limited(whenFull)
    const browsers = Array.from({ length: 50 }, () => browser())
    const outcomes = await Promise.all(
      browsers.map(one =>
        one.logIn(auth, 'ada').then(
          () => 'in',
          error => error.code,
        ),
      ),
    )
    const inside = (await who(auth, ...browsers)).filter(name => name === 'ada')
    expect(inside).toHaveLength(3)
    expect([...new Set(outcomes)].filter(outcome => outcome !== 'in' && outcome !== 'SESSIONS_FULL')).toEqual([])
  })

  it.each(['evict-oldest', 'reject'] as const)(
    '%s: a remembered browser counts once, and finds the limit when it comes back',
    async whenFull => {
      const { auth, adasBrowser, clock } = await limited(whenFull)
      const firefox = await adasBrowser({ remember: true })
      clock.advance('15d')
      const others: AuthBrowser[] = []
      for (let n = 0; n < 3; n++) others.push(await adasBrowser())
      clock.advance('1m')
      const tabs = [firefox, firefox.copy(), firefox.copy()]
      const names = new Set(await who(auth, ...tabs))
      const inside = await who(auth, ...others)
      if (whenFull === 'reject') {
        expect([names, inside]).toEqual([new Set([null]), ['ada', 'ada', 'ada']])
        await others[0]?.visit(request => auth.logout(request))
        expect(await firefox.who(auth)).toBe('ada')
      } else {
        expect([names, inside.filter(name => name === 'ada').length]).toEqual([new Set(['ada']), 2])
      }
    },
  )
})

describe('ASVS 7.4.3: a change of the password', () => {
  const change = { current: password, password: 'another horse, another battery' }

  it.each(Object.keys(stages))(
    'keeps this session under a new token, and ends all others and what brings them back, on %s',
    async stage => {
      const { auth, firefox, phone, adasBrowser, clock, happened } = await twoDevices({ stage })
      const tablet = await adasBrowser({ remember: true })
      const old = phone.copy()
      expect(await phone.visit(request => auth.changePassword(request, change))).toEqual({ changed: true })
      expect(await who(auth, phone, firefox, tablet, old)).toEqual(['ada', null, null, null])
      expect(phone.token).not.toBe(old.token)
      expect(happened()).toContain('password-changed')
      // The browser is remembered as before, by a family of its own.
      clock.advance('15d')
      expect(await who(auth, phone, tablet, old)).toEqual(['ada', null, null])
    },
  )

  it('ASVS 6.2.2, 6.2.3: needs somebody who is logged in, and the present password', async () => {
    const { auth, firefox, browser } = await twoDevices()
    expect(await browser().visit(request => auth.changePassword(request, change))).toEqual({
      changed: false,
      reason: 'not-logged-in',
    })
    for (const current of ['', 'wrong', undefined as never, { $ne: '' } as never]) {
      const result = await firefox.visit(request => auth.changePassword(request, { ...change, current }))
      expect(result).toEqual({ changed: false, reason: 'wrong-password' })
    }
  })

  it('says what is wrong with the new one, and changes nothing', async () => {
    const { auth, firefox, phone } = await twoDevices()
    const weak = await firefox.visit(request => auth.changePassword(request, { current: password, password: 'ada' }))
    expect(weak).toMatchObject({
      changed: false,
      reason: 'refused',
      problems: [{ code: 'too-similar' }, { code: 'too-short' }, { code: 'too-common' }],
    })
    expect(await who(auth, firefox, phone)).toEqual(['ada', 'ada'])
  })

  it('is a fresh proof', async () => {
    const { auth, firefox, clock } = await twoDevices()
    clock.advance('2h')
    await firefox.visit(request => auth.changePassword(request, change))
    expect(await firefox.visit(request => auth.requireFresh(request))).toMatchObject({ username: 'ada' })
  })
})
