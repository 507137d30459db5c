import { describe, expect, it } from 'vitest'
import { argon2id } from '../../src/auth/passwords/formats/argon2.ts'
import { createPasswords } from '../../src/auth/passwords/passwords.ts'
import { authSite, password, quickHasher, stages } from './auth-site.ts'

const wrong = 'incorrect horse battery staple'

describe.each(Object.keys(stages))('a visitor of a site on %s', stage => {
  it('gives name and password, is logged in, and is still when they come back', async () => {
    const { auth, browser, events, ada } = await authSite({ stage })
    const firefox = browser()
    expect(await firefox.who(auth)).toBeNull()
    await firefox.logIn(auth, 'ada')
    expect(await firefox.who(auth)).toBe('ada')
    expect(events).toEqual([{ type: 'logged-in', userId: ada.id, how: 'password' }])
  })

  it('keeps the cart of before the login, under another token; the old token leads nowhere (CVE-2022-25896, ASVS 7.2.4)', async () => {
    const { auth, browser } = await authSite({ stage })
    const firefox = browser()
    await firefox.session(session => session.set('cart', ['tea']))
    const old = firefox.copy()
    await firefox.logIn(auth, 'ada')
    expect(await firefox.session(session => session.get('cart'))).toEqual(['tea'])
    expect(firefox.token).not.toBe(old.token)
    expect(await old.session(session => [session.userId, session.keys()])).toEqual([null, []])
    expect(await old.who(auth)).toBeNull()
  })

  it('does not find what another user left in this browser (CVE-2014-0482, ASVS 7.2.4)', async () => {
    const { auth, adasBrowser, newUser } = await authSite({ stage })
    await newUser('grace')
    const shared = await adasBrowser({ remember: true })
    await shared.session(session => session.set('cart', ['a letter to Charles']))
    const adas = shared.copy()
    await shared.logIn(auth, 'grace')
    expect(await shared.who(auth)).toBe('grace')
    expect(await shared.session(session => session.keys())).toEqual([])
    // Neither is Ada back by what remembered her, nor by the token of before.
    shared.loseSession()
    expect(await shared.who(auth)).toBeNull()
    expect(await adas.who(auth)).toBeNull()
  })

  it('gets a new token at a login as the same user too, keeps the data, and has only one session', async () => {
    const { auth, adasBrowser } = await authSite({ stage })
    const firefox = await adasBrowser()
    await firefox.session(session => session.set('cart', ['tea']))
    const { token } = firefox
    await firefox.logIn(auth, 'ada')
    expect(firefox.token).not.toBe(token)
    expect(await firefox.session(session => session.get('cart'))).toEqual(['tea'])
    expect(await firefox.visit(request => auth.devices(request))).toHaveLength(1)
  })

  it('does not find in a session of theirs what was put there after it had become void', async () => {
    const { auth, adasBrowser, ada } = await authSite({ stage })
    const firefox = await adasBrowser()
    await auth.users.setPassword(ada.id, 'another horse, another battery')
    await firefox.session(session => session.set('cart', ['planted']))
    await firefox.logIn(auth, 'ada', false, 'another horse, another battery')
    expect(await firefox.session(session => session.get('cart'))).toBeUndefined()
  })

  it('logs out: the data is gone, the cookie is deleted, and a copy of it leads nowhere (ASVS 7.4.1)', async () => {
    const { auth, adasBrowser, happened } = await authSite({ stage })
    const firefox = await adasBrowser({ remember: true })
    const copy = firefox.copy()
    await firefox.visit(request => auth.logout(request))
    expect(firefox.token).toBe('')
    expect(await copy.who(auth)).toBeNull()
    expect(await firefox.who(auth)).toBeNull()
    expect(happened()).toEqual(['logged-in', 'logged-out'])
  })

  it('logs out also when the page then fails', async () => {
    const { auth, adasBrowser } = await authSite({ stage })
    const firefox = await adasBrowser({ remember: true })
    const copy = firefox.copy()
    const answer = await firefox.open(async request => {
      await auth.logout(request)
      return new Response('oops', { status: 500 })
    })
    expect(answer.status).toBe(500)
    expect(await copy.who(auth)).toBeNull()
  })

  it('is noted as having logged in just now', async () => {
    const { auth, adasBrowser, clock } = await authSite({ stage })
    clock.advance('1h')
    const firefox = await adasBrowser()
    const now = new Date(clock())
    expect(await firefox.visit(request => auth.user(request))).toMatchObject({ lastLoginAt: now })
  })

  it('whose account is closed is out at the next request, and does not get in (ASVS 7.4.2)', async () => {
    const { auth, adasBrowser, browser, ada, events } = await authSite({ stage })
    const firefox = await adasBrowser()
    await auth.users.deactivate(ada.id)
    expect(await firefox.who(auth)).toBeNull()
    expect(events.at(-1)).toEqual({ type: 'session-void', userId: ada.id, reason: 'inactive' })
    expect(await browser().visit(request => auth.authenticate(request, { username: 'ada', password }))).toEqual({
      user: null,
      reason: 'invalid',
    })
    // Let in again, the old session stays void.
    await auth.users.activate(ada.id)
    expect(await firefox.who(auth)).toBeNull()
    await expect(browser().visit(request => auth.login(request, { id: 'nobody' }))).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      status: 403,
    })
  })

  it('whose account is deleted is out at the next request (ASVS 7.4.2)', async () => {
    const { auth, adasBrowser, ada, events } = await authSite({ stage })
    const firefox = await adasBrowser({ remember: true })
    await auth.users.delete(ada.id)
    expect(await firefox.who(auth)).toBeNull()
    expect(events.at(-1)).toMatchObject({ reason: 'no-user' })
    expect(await firefox.who(auth)).toBeNull()
  })
})

describe('auth.user', () => {
  it('is lazy: a page that does not call it costs nothing and says no Vary', async () => {
    const { adasBrowser, watch } = await authSite()
    const firefox = await adasBrowser({ remember: true })
    watch.calls.length = 0
    const answer = await firefox.open(() => 'static')
    expect([watch.calls, [...answer.headers]]).toEqual([[], []])
  })

  it('costs one read of the session, however often it is called, and varies by the cookie', async () => {
    const { auth, adasBrowser, watch } = await authSite()
    const firefox = await adasBrowser()
    watch.calls.length = 0
    const answer = await firefox.open(async request => {
      const [first, second] = await Promise.all([auth.user(request), auth.user(request)])
      expect(first).toEqual(second)
      expect((await auth.requireUser(request)).username).toBe('ada')
    })
    expect(watch.calls).toEqual(['read'])
    expect(answer.headers.get('vary')).toBe('Cookie')
  })

  it('of a visitor without any cookie costs no store call', async () => {
    const { auth, browser, watch } = await authSite()
    expect(await browser().who(auth)).toBeNull()
    expect(watch.calls).toEqual([])
  })

  it('never has the password, or what belongs to it', async () => {
    const { auth, adasBrowser, browser } = await authSite()
    const user = await (await adasBrowser()).visit(request => auth.user(request))
    const found = await browser().visit(request => auth.authenticate(request, { username: 'ada', password }))
    for (const shown of [user, found.user]) {
      expect(Object.keys(shown ?? {})).not.toContain('password')
      expect(Object.keys(shown ?? {})).not.toContain('sessionsValidFrom')
    }
  })

  it('of a store that is down is an error with status 503, and nobody is logged out (promise 7)', async () => {
    const { auth, adasBrowser, watch, users } = await authSite()
    const firefox = await adasBrowser({ remember: true })
    const { token } = firefox
    watch.mode = 'down'
    expect((await firefox.open(request => auth.user(request))).status).toBe(503)
    watch.mode = 'up'
    const { find } = users
    users.find = () => Promise.reject(new Error('connection refused'))
    expect((await firefox.open(request => auth.user(request))).status).toBe(503)
    users.find = find
    expect([firefox.token, await firefox.who(auth)]).toEqual([token, 'ada'])
  })

  it('called after the headers have left is right, and changes nothing', async () => {
    for (const sessionsIn of ['store', 'cookie'] as const) {
      const { auth, adasBrowser, ada } = await authSite({ sessionsIn })
      const firefox = await adasBrowser({ remember: true })
      await auth.endSessionsOf(ada.id)
      const late = Promise.withResolvers<unknown>()
      await firefox.open(request => {
        setImmediate(() => late.resolve(auth.user(request)))
      })
      expect(await late.promise).toBeNull()
    }
  })
})

describe('ASVS 6.3.8, CVE-2021-21424, CVE-2024-39329: an answer does not tell whether there is such a user', () => {
  it.each([
    ['an unknown name', { username: 'nobody', password: wrong }],
    ['a name that cannot be one', { username: `'; DROP TABLE\0`, password: wrong }],
    ['a wrong password', { username: 'ada', password: wrong }],
    ['a closed account', { username: 'closed', password }],
    ['an account without a password', { username: 'external', password: wrong }],
  ])('%s: the same answer after the same number of hashes', async (_, credentials) => {
    const { auth, browser, newUser, passwords } = await authSite()
    await auth.users.deactivate((await newUser('closed')).id)
    await auth.users.create({ username: 'external' })
    passwords.hashes = 0
    const found = await browser().visit(request => auth.authenticate(request, credentials))
    expect([found, passwords.hashes]).toEqual([{ user: null, reason: 'invalid' }, 1])
  })

  it('also while its hash is behind: a closed account costs what an open one does', async () => {
    const { auth, browser, users, passwords, ada } = await authSite()
    const behind = await createPasswords({ hasher: argon2id({ memory: 72, passes: 1, weak: true }) }).hash(password)
    await users.update(ada.id, { password: behind, isActive: false })
    const hashes = async (typed: string): Promise<number> => {
      passwords.hashes = 0
      await browser().visit(request => auth.authenticate(request, { username: 'ada', password: typed }))
      return passwords.hashes
    }
    expect([await hashes(password), await hashes(wrong)]).toEqual([1, 1])
  })

  it('garbage in place of a form is an answer, and costs neither a store call nor a hash', async () => {
    const { auth, browser, passwords, happened } = await authSite()
    const forms = [{}, { username: 'ada' }, { password }, { username: '', password }, { username: 'ada', password: '' }]
    const more = [
      { username: { $ne: null }, password: ['x'] },
      { username: 1, password: true },
    ]
    for (const form of [...forms, ...more]) {
      const found = await browser().visit(request => auth.authenticate(request, form))
      expect(found).toEqual({ user: null, reason: 'invalid' })
    }
    expect([passwords.hashes, happened()]).toEqual([0, []])
  })

  it('CVE-2016-4423: a name of a megabyte is looked up nowhere and kept nowhere', async () => {
    const { auth, browser, users, watch } = await authSite()
    const looked: unknown[] = []
    const { find } = users
    users.find = by => {
      looked.push(by)
      return find(by)
    }
    // The second is short, and long once it is normalised.
    for (const username of ['a'.repeat(1_000_000), 'ﷺ'.repeat(200)]) {
      await browser().visit(request => auth.authenticate(request, { username, password }))
    }
    expect([looked, watch.calls]).toEqual([[], []])
  })
})

describe('ASVS 6.3.1: guessing', () => {
  it('1,000 parallel guesses at one account are five hashes; the other answers say when to try again (CVE-2018-8171, CVE-2019-5421)', async () => {
    const { auth, browser, passwords, happened } = await authSite()
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, n) =>
        browser({ address: `192.0.${n % 4}.${n % 250}` }).visit(request =>
          auth.authenticate(request, { username: 'ada', password: `guess number ${n}` }),
        ),
      ),
    )
    expect(passwords.hashes).toBe(5)
    const throttled = answers.filter(({ reason }) => reason === 'throttled')
    expect(throttled).toHaveLength(995)
    expect(throttled[0]).toMatchObject({ retryAfterMs: expect.any(Number) })
    expect(happened().filter(type => type === 'login-throttled')).toHaveLength(995)
  })

  it('ASVS 6.1.1: does not keep out the owner, who comes with a browser that was logged in before', async () => {
    const { auth, adasBrowser, browser } = await authSite()
    const own = await adasBrowser()
    await own.visit(request => auth.logout(request))
    for (let n = 0; n < 20; n++) {
      await browser().visit(request => auth.authenticate(request, { username: 'ada', password: wrong }))
    }
    const stranger = await browser().visit(request => auth.authenticate(request, { username: 'ada', password }))
    expect(stranger).toMatchObject({ reason: 'throttled' })
    await own.logIn(auth, 'ada')
    expect(await own.who(auth)).toBe('ada')
  })

  it('the cookie of a known browser names no user, and is worth nothing to another user', async () => {
    const { auth, adasBrowser, browser, newUser, ada } = await authSite()
    await newUser('grace')
    const own = await adasBrowser()
    expect(own.jar.get('__Host-device')).toMatch(/\w/)
    expect(own.jar.get('__Host-device')).not.toContain(ada.id)
    await own.visit(request => auth.logout(request))
    for (let n = 0; n < 5; n++) {
      await browser().visit(request => auth.authenticate(request, { username: 'grace', password: wrong }))
    }
    const graces = { username: 'grace', password }
    expect(await own.visit(request => auth.authenticate(request, graces))).toMatchObject({ reason: 'throttled' })
  })

  it('at a change of the password, or to elevate a session that was found open, is as slow', async () => {
    const { auth, adasBrowser, passwords } = await authSite()
    const thief = await adasBrowser()
    passwords.hashes = 0
    const reasons: unknown[] = []
    for (let n = 0; n < 10; n++) {
      const change = { current: `guess ${n}`, password: 'a new one for the thief' }
      const result = await thief.visit(request => auth.changePassword(request, change))
      reasons.push(result.changed || result.reason)
    }
    expect([...new Set(reasons)]).toEqual(['wrong-password', 'throttled'])
    expect(passwords.hashes).toBe(5)
    const elevated = thief.visit(request => auth.elevate(request, { password }))
    await expect(elevated).rejects.toMatchObject({ code: 'LOGIN_THROTTLED', status: 429 })
  })

  it('is not slowed down where the program chose so', async () => {
    const { auth, browser, passwords } = await authSite({ throttle: false })
    for (let n = 0; n < 20; n++) {
      await browser().visit(request => auth.authenticate(request, { username: 'ada', password: wrong }))
    }
    expect(passwords.hashes).toBe(20)
  })
})

describe('a password hash that is behind', () => {
  async function behind(stage?: string) {
    const site = await authSite(stage ? { stage } : {})
    const hasher = argon2id({ memory: 72, passes: 1, weak: true })
    await site.users.update(site.ada.id, { password: await createPasswords({ hasher }).hash(password) })
    const encoded = async () => (await site.users.find({ id: site.ada.id }))?.password
    return { ...site, encoded }
  }

  it.each(Object.keys(stages))('is made anew at the next login, once, on %s', async stage => {
    const { auth, adasBrowser, encoded } = await behind(stage)
    const firefox = await adasBrowser()
    const renewed = await encoded()
    expect(renewed?.startsWith(quickHasher.scheme)).toBe(true)
    expect(await firefox.who(auth)).toBe('ada')
    await adasBrowser()
    expect(await encoded()).toBe(renewed)
  })

  it('is not made anew by a wrong password', async () => {
    const { auth, browser, encoded } = await behind()
    const old = await encoded()
    await browser().visit(request => auth.authenticate(request, { username: 'ada', password: wrong }))
    expect(await encoded()).toBe(old)
  })

  it('is made anew by one of two logins at once, and both stay logged in', async () => {
    const { auth, adasBrowser } = await behind()
    const browsers = await Promise.all([adasBrowser(), adasBrowser(), adasBrowser()])
    expect(await Promise.all(browsers.map(one => one.who(auth)))).toEqual(['ada', 'ada', 'ada'])
  })

  it('does not come back over a password that was changed meanwhile, and the login with the old one is void', async () => {
    const { auth, browser, users, encoded } = await behind()
    const firefox = browser()
    const { update } = users
    let changed = false
    users.update = async (id, changes, options) => {
      if (changes.password && !changed) {
        changed = true
        await auth.users.setPassword(id, 'another horse, another battery')
      }
      return update(id, changes, options)
    }
    await firefox.logIn(auth, 'ada')
    expect(await firefox.who(auth)).toBeNull()
    await browser().logIn(auth, 'ada', false, 'another horse, another battery')
    expect((await encoded())?.startsWith(quickHasher.scheme)).toBe(true)
  })
})

describe('a login that is under way while all sessions of the user are ended', () => {
  it.each(['store', 'cookie'] as const)('is void, with sessions in the %s', async sessionsIn => {
    const { auth, browser, ada } = await authSite({ sessionsIn })
    const firefox = browser()
    await firefox.visit(async request => {
      const { user } = await auth.authenticate(request, { username: 'ada', password })
      await auth.endSessionsOf(ada.id)
      if (user) await auth.login(request, user, { remember: true })
    })
    expect(await firefox.who(auth)).toBeNull()
    firefox.loseSession()
    expect(await firefox.who(auth)).toBeNull()
  })

  it('is void also where its process has a clock that is ahead', async () => {
    const { auth, browser, clock, ada } = await authSite()
    const firefox = browser()
    await firefox.visit(async request => {
      const { user } = await auth.authenticate(request, { username: 'ada', password })
      if (user) await auth.login(request, user)
    })
    clock.set(new Date(clock() - 5000))
    await auth.endSessionsOf(ada.id)
    expect(await firefox.who(auth)).toBeNull()
  })
})

describe('the hash that ties a session to the password', () => {
  const newest = 'Zz8Xc7Vb6Nm5Qw4Er3Ty2Ui1Op0As9Df-newest'
  const first = 'p7Qm0Zt1Yx8Rk3Vw5Ns2Jb6Lc9Hd4Gf0-first'

  it('is good across a change of the secrets, as long as the old one is in the list', async () => {
    const site = await authSite()
    const firefox = await site.adasBrowser({ remember: true })
    const rotated = await site.redeployed({ secrets: [newest, first] })
    expect(await firefox.who(rotated.auth)).toBe('ada')
    const alone = await site.redeployed({ secrets: newest })
    expect(await firefox.who(alone.auth)).toBeNull()
    expect(alone.events).toMatchObject([{ type: 'session-void', reason: 'password-changed' }])
  })

  it('lets no session live that the program gave to a user by itself', async () => {
    const { auth, browser, ada } = await authSite()
    const firefox = browser()
    await firefox.session(session => session.rotate({ userId: ada.id }))
    expect(await firefox.who(auth)).toBeNull()
  })

  it('ends sessions also where the password was written past the library', async () => {
    const { auth, adasBrowser, users, passwords, ada } = await authSite()
    const firefox = await adasBrowser({ remember: true })
    await users.update(ada.id, { password: await passwords.hash('another horse, another battery') })
    expect(await firefox.who(auth)).toBeNull()
    expect(await firefox.who(auth)).toBeNull()
  })
})

describe('other ways to find out who somebody is', () => {
  const directory = {
    name: 'directory',
    authenticate: async ({ username, password: typed }: { username?: unknown; password?: unknown }) =>
      username === 'ada' && typed === 'in the directory' ? 'ada' : null,
  }

  it('are asked in their order, and the session notes which one it was', async () => {
    const site = await authSite()
    const asked: string[] = []
    const codes = {
      name: 'code',
      authenticate: async ({ code }: { code?: unknown }) => {
        asked.push('code')
        return code === '123456' ? site.ada.id : null
      },
    }
    const ldap = {
      ...directory,
      authenticate: async (form: object) => {
        asked.push('ldap')
        return (await directory.authenticate(form)) && site.ada.id
      },
    }
    const { auth, browser, events } = await site.redeployed({ backends: [codes, 'password', ldap] })
    for (const form of [
      { code: '123456' },
      { username: 'ada', password },
      { username: 'ada', password: 'in the directory' },
    ]) {
      await browser().visit(async request => {
        const { user } = await auth.authenticate(request, form)
        await auth.login(request, user ?? expect.fail('nobody'))
      })
    }
    expect(asked).toEqual(['code', 'code', 'code', 'ldap'])
    expect(events.flatMap(event => (event.type === 'logged-in' ? event.how : []))).toEqual([
      'code',
      'password',
      'directory',
    ])
  })

  it('may refuse, and then no other is asked', async () => {
    const site = await authSite()
    const refusing = { name: 'closed on Sundays', authenticate: async () => 'denied' as const }
    const { auth, browser, events, passwords } = await site.redeployed({ backends: [refusing, 'password'] })
    const found = await browser().visit(request => auth.authenticate(request, { username: 'ada', password }))
    expect([found.user, passwords.hashes, events]).toEqual([null, 0, [{ type: 'login-failed', reason: 'refused' }]])
  })

  it('one attempt is one event: a success of the second is no failure of the first', async () => {
    const site = await authSite()
    const ldap = {
      ...directory,
      authenticate: async (form: object) => (await directory.authenticate(form)) && site.ada.id,
    }
    const { auth, browser, events } = await site.redeployed({ backends: ['password', ldap] })
    const attempt = (username: string, typed: string) =>
      browser().visit(request => auth.authenticate(request, { username, password: typed }))
    expect((await attempt('ada', 'in the directory')).user).toMatchObject({ username: 'ada' })
    expect(events).toEqual([])
    await attempt('ada', 'nowhere')
    await attempt('nobody', 'nowhere')
    expect(events).toEqual([
      { type: 'login-failed', reason: 'wrong' },
      { type: 'login-failed', reason: 'unknown' },
    ])
  })

  it('are throttled as passwords are', async () => {
    const site = await authSite()
    let tries = 0
    const authenticate = async () => {
      tries++
      return null
    }
    const counting = { name: 'directory', authenticate }
    const { auth, browser } = await site.redeployed({ backends: [counting] })
    const guess = () => browser().visit(request => auth.authenticate(request, { username: 'ada', password: 'x' }))
    await Promise.all(Array.from({ length: 50 }, guess))
    expect(tries).toBe(5)
  })

  it('let nobody in whose account is closed', async () => {
    const site = await authSite()
    await site.auth.users.deactivate(site.ada.id)
    const always = { name: 'always', authenticate: async () => site.ada.id }
    const { auth, browser } = await site.redeployed({ backends: [always] })
    expect(await browser().visit(request => auth.authenticate(request, { username: 'ada' }))).toMatchObject({
      user: null,
    })
  })

  it.each([[[]], [[{ name: 'x' }]], [['passwords']]])('that are none do not start: %j', async backends => {
    await expect(authSite({ backends: backends as never })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
})

describe('a request without a body', () => {
  it('logs nobody in, and is no error: frameworks leave the body undefined', async () => {
    const { auth, browser } = await authSite()
    const nobody = { user: null, reason: 'invalid' }
    expect(await browser().visit(request => auth.authenticate(request, undefined))).toEqual(nobody)
  })
})
