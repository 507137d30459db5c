import { describe, expect, it } from 'vitest'
import type { Auth } from '../../src/auth/auth.ts'
import type { AuthMail } from '../../src/auth/mail/mail-options.ts'
import { KeepsakeError } from '../../src/errors.ts'
import { type AuthBrowser, authSite, password, type Site, type SiteOptions } from './auth-site.ts'

// A request that is slow, and what its user does elsewhere while it is under way.

const fresh = 'another horse, another battery'

/** A request that has begun, and stands still until it is told to go on. */
async function slowly<T>(
  browser: AuthBrowser,
  begin: (request: Request) => Promise<unknown>,
  then: (request: Request) => Promise<T>,
): Promise<() => Promise<T>> {
  const reached = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const answered = browser.visit(async request => {
    await begin(request)
    reached.resolve()
    await held.promise
    return then(request)
  })
  await Promise.race([reached.promise, answered])
  return () => {
    held.resolve()
    return answered
  }
}

const everywhere: readonly NonNullable<SiteOptions['sessionsIn']>[] = ['store', 'cookie', 'store without index']

describe('while a logout is slow', () => {
  it.each([
    ['proves the password again', (auth: Auth, request: Request) => auth.elevate(request, { password })],
    [
      'changes the password',
      (auth: Auth, request: Request) => auth.changePassword(request, { current: password, password: fresh }),
    ],
    ['ends the other devices', (auth: Auth, request: Request) => auth.endOtherDevices(request)],
  ] as const)('it holds, though another tab %s before it is through', async (what, elsewhere) => {
    const { auth, adasBrowser } = await authSite()
    const [firefox, phone] = [await adasBrowser(), await adasBrowser()]
    const goOn = await slowly(
      firefox,
      request => auth.user(request),
      request => auth.logout(request),
    )
    const otherTab = firefox.copy()
    await otherTab.visit(request => elsewhere(auth, request))
    expect(await otherTab.copy().who(auth)).toBe('ada')
    await goOn()
    expect(await otherTab.who(auth)).toBeNull()
    await phone.logIn(auth, 'ada', false, what === 'changes the password' ? fresh : password)
    expect(await phone.visit(async request => (await auth.devices(request)).length)).toBe(1)
  })
})

it('to end the other devices is not answered as done where another tab, or a thief with a copy, gave the session a new token before', async () => {
  const { auth, adasBrowser } = await authSite()
  const [firefox, phone] = [await adasBrowser(), await adasBrowser()]
  const goOn = await slowly(
    firefox,
    request => auth.requireUser(request),
    request => auth.endOtherDevices(request),
  )
  const otherTab = firefox.copy()
  await otherTab.session(session => session.rotate())
  await expect(goOn()).rejects.toMatchObject({ code: 'SESSION_ENDED', status: 409 })
  expect(await phone.who(auth)).toBe('ada')
  await otherTab.visit(request => auth.endOtherDevices(request))
  expect([await phone.who(auth), await otherTab.who(auth)]).toEqual([null, 'ada'])
})

describe.each(everywhere)('while a request is slow, with sessions in the %s', sessionsIn => {
  it('whoever knew the old password does not overwrite the one that the owner chose by mail', async () => {
    const mails: AuthMail[] = []
    const mail = { origin: 'https://site.example', send: async (sent: AuthMail) => void mails.push(sent) }
    const { auth, browser, adasBrowser, clock } = await authSite({ sessionsIn, mail })
    const [thief, owner] = [await adasBrowser(), browser()]
    clock.advance('1s')
    const goOn = await slowly(
      thief,
      request => auth.requireUser(request),
      request => auth.changePassword(request, { current: password, password: 'what a thief would choose' }),
    )
    await owner.visit(request => auth.requestPasswordReset(request, 'ada@example.com'))
    const link = mails.find(({ kind }) => kind === 'password-reset') as Extract<AuthMail, { kind: 'password-reset' }>
    await owner.visit(request => auth.openPasswordReset(request), {}, link.link.replace('https://site.example', ''))
    expect(await owner.visit(request => auth.resetPassword(request, fresh))).toEqual({ reset: true })
    expect(await goOn()).toEqual({ changed: false, reason: 'not-logged-in' })
    expect(await thief.who(auth)).toBeNull()
    await owner.logIn(auth, 'ada', false, fresh)
    expect(await owner.who(auth)).toBe('ada')
  })

  it('of two who change one password at the same time, one does', async () => {
    const { auth, adasBrowser, passwords, browser } = await authSite({ sessionsIn })
    const [firefox, phone] = [await adasBrowser(), await adasBrowser()]
    const { hash } = passwords
    const waiting: (() => void)[] = []
    // Both have proved the old password before either writes the new one.
    passwords.hash = async text => {
      await new Promise<void>(resolve => {
        waiting.push(resolve)
        if (waiting.length === 2) for (const go of waiting) go()
      })
      return hash(text)
    }
    const chosen = ['the first of two new ones', 'the second of two new ones']
    const results = await Promise.all(
      [firefox, phone].map((one, n) =>
        one.visit(request => auth.changePassword(request, { current: password, password: chosen[n] ?? '' })),
      ),
    )
    expect(results.filter(({ changed }) => changed)).toHaveLength(1)
    expect(results).toContainEqual({ changed: false, reason: 'not-logged-in' })
    const winner = results.findIndex(({ changed }) => changed)
    await browser().logIn(auth, 'ada', false, chosen[winner])
    expect(await [firefox, phone][winner]?.who(auth)).toBe('ada')
  })

  it('a session that was ended meanwhile does not come back by ending the others', async () => {
    const { auth, adasBrowser, clock } = await authSite({ sessionsIn })
    const [thief, owner] = [await adasBrowser(), await adasBrowser()]
    clock.advance('1s')
    const goOn = await slowly(
      thief,
      request => auth.requireUser(request),
      request => auth.endOtherDevices(request),
    )
    await owner.visit(request => auth.endOtherDevices(request))
    clock.advance('1s')
    await goOn()
    expect([await thief.who(auth), await owner.who(auth)]).toEqual([null, 'ada'])
  })

  it('nor does one of a user whose password was changed', async () => {
    const { auth, adasBrowser, ada, clock } = await authSite({ sessionsIn })
    const thief = await adasBrowser()
    const goOn = await slowly(
      thief,
      request => auth.requireUser(request),
      request => auth.endOtherDevices(request),
    )
    await auth.users.setPassword(ada.id, fresh)
    clock.advance('1s')
    await goOn()
    expect(await thief.who(auth)).toBeNull()
  })
})

describe.each(everywhere)('within one millisecond, with sessions in the %s', sessionsIn => {
  it('a user who is locked out and let in again has no session of before', async () => {
    const { auth, adasBrowser, ada } = await authSite({ sessionsIn })
    const firefox = await adasBrowser()
    // Its number is the time of now already.
    await firefox.visit(request => auth.endOtherDevices(request))
    await auth.users.deactivate(ada.id)
    await auth.users.activate(ada.id)
    expect(await firefox.who(auth)).toBeNull()
  })

  it('a password that is set to what it was ends the sessions of before', async () => {
    const { auth, adasBrowser, ada, users } = await authSite({ sessionsIn })
    const firefox = await adasBrowser()
    await firefox.visit(request => auth.endOtherDevices(request))
    const before = await users.find({ id: ada.id })
    await auth.users.setPassword(ada.id, fresh)
    await auth.users.setUnusablePassword(ada.id)
    await users.update(ada.id, { password: before?.password ?? '' })
    expect(await firefox.who(auth)).toBeNull()
  })
})

it('who is locked out between the proof and the login is nobody, in that very request too', async () => {
  const { auth, browser, ada } = await authSite()
  const firefox = browser()
  const seen = await firefox.visit(async request => {
    const { user } = await auth.authenticate(request, { username: 'ada', password })
    await auth.users.deactivate(ada.id)
    await auth.login(request, user ?? { id: '' })
    return auth.user(request)
  })
  expect([seen, await firefox.who(auth)]).toEqual([null, null])
})

describe('where the records of very many sessions cannot be removed in time', () => {
  async function slowToRemove(): Promise<Site> {
    const site = await authSite()
    const sessions = {
      ...{ of: site.sessions.of.bind(site.sessions) },
      revokeAll: () => Promise.reject(new KeepsakeError('STORE_TIMEOUT')),
    }
    return site.redeployed({ sessions } as SiteOptions)
  }

  it('all of the user are over all the same, and that is told', async () => {
    const { auth, adasBrowser, ada, happened } = await slowToRemove()
    const firefox = await adasBrowser()
    await expect(auth.endSessionsOf(ada.id)).rejects.toMatchObject({ code: 'STORE_TIMEOUT' })
    expect([await firefox.who(auth), happened()]).toEqual([null, expect.arrayContaining(['sessions-ended'])])
  })

  it('whoever ends them is logged out here, with the cookies', async () => {
    const { auth, adasBrowser, happened } = await slowToRemove()
    const firefox = await adasBrowser({ remember: true })
    await firefox.open(request => auth.endDevices(request).catch(error => error.code))
    expect([firefox.token, firefox.jar.get('__Host-remember')]).toEqual(['', undefined])
    expect(happened()).toEqual(expect.arrayContaining(['sessions-ended', 'logged-out']))
  })
})

it('nobody is locked out who is not there', async () => {
  const { auth } = await authSite()
  for (const id of ['nobody', '', 'a\u0000b']) {
    expect(await auth.users.deactivate(id)).toBe(false)
    expect(await auth.users.setUnusablePassword(id)).toBe(false)
  }
})

/** Lets something happen right before the next call of a method, once. */
function justBefore<Name extends string>(
  object: { [key in Name]: (...args: never[]) => unknown },
  name: Name,
  happens: () => Promise<unknown>,
): void {
  const original = object[name]
  object[name] = (async (...args: never[]) => {
    object[name] = original
    await happens()
    return original.apply(object, args)
  }) as typeof original
}

describe.each(everywhere)('while one tab changes what its session hangs on, with sessions in the %s', sessionsIn => {
  it.each<[string, (auth: Auth, request: Request) => Promise<unknown>]>([
    ['the password', (auth, request) => auth.changePassword(request, { current: password, password: fresh })],
    ['which sessions count', (auth, request) => auth.endOtherDevices(request)],
  ])('%s: another that asks who it is logs nobody out', async (_what, change) => {
    for (const remember of [false, true]) {
      const { auth, adasBrowser, users } = await authSite({ sessionsIn })
      const firefox = await adasBrowser({ remember })
      const otherTab = firefox.copy()
      const { update } = users
      let asked = false
      users.update = async (...args: Parameters<typeof update>) => {
        const outcome = await update.apply(users, args)
        if (!asked) {
          asked = true
          firefox.jar.store('/', await otherTab.open(request => auth.user(request)))
        }
        return outcome
      }
      await firefox.visit(request => change(auth, request))
      expect([asked, await firefox.who(auth)]).toEqual([true, 'ada'])
    }
  })

  it.each<[string, (auth: Auth, request: Request) => Promise<unknown>]>([
    ['the password', (auth, request) => auth.changePassword(request, { current: password, password: fresh })],
    ['which sessions count', (auth, request) => auth.endOtherDevices(request)],
  ])('%s, and the users cannot be reached: it is logged in as before', async (_what, change) => {
    const { auth, adasBrowser, users, clock } = await authSite({ sessionsIn })
    const [firefox, phone] = [await adasBrowser(), await adasBrowser()]
    const { update } = users
    users.update = () => Promise.reject(new Error('connection refused'))
    clock.advance('1h')
    expect((await firefox.open(request => change(auth, request))).status).toBe(503)
    users.update = update
    expect([await firefox.who(auth), await phone.who(auth)]).toEqual(['ada', 'ada'])
    await expect(firefox.visit(request => auth.requireFresh(request))).rejects.toMatchObject({ code: 'LOGIN_STALE' })
  })
})

describe('while a remembered browser comes back', () => {
  async function comingBack() {
    const site = await authSite()
    const firefox = await site.adasBrowser({ remember: true })
    const owner = await site.adasBrowser({ userAgent: 'Version/18.0 Safari/605 iPhone' })
    site.clock.advance('2m')
    const late = firefox.copy()
    late.loseSession()
    const endTheOther = () =>
      owner.visit(async request => {
        const other = (await site.auth.devices(request)).find(({ isCurrent }) => !isCurrent)
        return site.auth.endDevice(request, other?.id ?? '')
      })
    return { ...site, firefox, late, owner, endTheOther }
  }

  it('its user ends the device: a window that had come back is out', async () => {
    const { auth, late, firefox, endTheOther } = await comingBack()
    const goOn = await slowly(
      late,
      request => auth.user(request),
      async () => undefined,
    )
    expect(await endTheOther()).toBe(true)
    await goOn()
    expect([await late.who(auth), await firefox.who(auth)]).toEqual([null, null])
  })

  it('its user ends the device: a window that was about to come back does not', async () => {
    const { auth, late, users, endTheOther, owner } = await comingBack()
    justBefore(users, 'find', endTheOther)
    expect(await late.who(auth)).toBeNull()
    expect(await late.who(auth)).toBeNull()
    expect(await owner.visit(request => auth.devices(request))).toHaveLength(1)
  })

  it('its user ends the device: a window that came back after the list was read is out', async () => {
    const { auth, late, watch, endTheOther } = await comingBack()
    const inside: (string | null)[] = []
    justBefore(watch.store, 'delete', async () => void inside.push(await late.who(auth)))
    expect(await endTheOther()).toBe(true)
    expect([...inside, await late.who(auth)]).toEqual(['ada', null])
  })

  it('it is logged out: no window of it is left', async () => {
    const { auth, late, firefox, owner } = await comingBack()
    expect(await late.who(auth)).toBe('ada')
    await firefox.visit(request => auth.logout(request))
    expect([await late.who(auth), await firefox.who(auth), await owner.who(auth)]).toEqual([null, null, 'ada'])
  })

  it('it is logged out: a window that was about to come back does not', async () => {
    const { auth, late, firefox, users } = await comingBack()
    justBefore(users, 'find', () => firefox.visit(request => auth.logout(request)))
    expect(await late.who(auth)).toBeNull()
    expect(await late.who(auth)).toBeNull()
  })

  it('a theft is noticed: whoever was about to come back does not', async () => {
    const { auth, late, users, happened, clock } = await comingBack()
    const thief = late.copy()
    expect(await late.who(auth)).toBe('ada')
    clock.advance('2m')
    late.loseSession()
    justBefore(users, 'find', () => thief.who(auth))
    expect(await late.who(auth)).toBeNull()
    expect(await late.who(auth)).toBeNull()
    expect(happened()).toContain('remember-theft')
  })
})

it('a visitor for whom there is no place is nobody from then on, not who they were before', async () => {
  const { auth, adasBrowser, browser, newUser, clock } = await authSite({
    sessionLimit: { most: 1, whenFull: 'reject' },
  })
  await newUser('grace')
  await adasBrowser()
  clock.advance('1s')
  const shared = browser()
  await shared.logIn(auth, 'grace')
  clock.advance('1s')
  const seen = await shared.visit(async request => {
    const names = [(await auth.user(request))?.username]
    const { user } = await auth.authenticate(request, { username: 'ada', password })
    const code = await auth.login(request, user ?? { id: '' }).catch(error => error.code)
    return [...names, code, await auth.user(request)]
  })
  expect(seen).toEqual(['grace', 'SESSIONS_FULL', null])
  expect(await shared.who(auth)).toBeNull()
})

describe.each(everywhere)('a login with "remember me", with sessions in the %s', sessionsIn => {
  const logInAnd =
    (auth: Site['auth'], then: (request: Request) => unknown) =>
    async (request: Request): Promise<unknown> => {
      const { user } = await auth.authenticate(request, { username: 'ada', password })
      await auth.login(request, user ?? { id: '' }, { remember: true })
      return then(request)
    }

  it('leaves nothing behind when the page then fails, neither a session nor what would bring one back', async () => {
    const { auth, browser } = await authSite({ sessionsIn })
    const firefox = browser()
    const answer = await firefox.open(logInAnd(auth, () => new Response('oops', { status: 500 })))
    expect(answer.status).toBe(500)
    expect([firefox.token, firefox.jar.get('__Host-remember')]).toEqual(['', undefined])
    expect(await firefox.who(auth)).toBeNull()
  })

  it('in place of an earlier one: the browser is remembered by the new cookie', async () => {
    const { auth, adasBrowser, clock } = await authSite({ sessionsIn })
    const firefox = await adasBrowser({ remember: true })
    const old = firefox.copy()
    await firefox.visit(logInAnd(auth, () => undefined))
    expect(firefox.jar.get('__Host-remember')).not.toBe(old.jar.get('__Host-remember'))
    for (const one of [firefox, old]) one.loseSession()
    clock.advance('2m')
    expect([await firefox.who(auth), await old.who(auth)]).toEqual(['ada', null])
  })

  it('and a logout in the same request leave nothing behind', async () => {
    const { auth, browser } = await authSite({ sessionsIn })
    const firefox = browser()
    await firefox.visit(logInAnd(auth, request => auth.logout(request)))
    expect(firefox.jar.get('__Host-remember')).toBeUndefined()
    expect(await firefox.who(auth)).toBeNull()
  })
})
