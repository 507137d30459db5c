import { describe, expect, it, vi } from 'vitest'
import { type AuthBrowser, authSite, password, type Site, secret } from '../../../test/auth/auth-site.ts'
import { createAuth } from '../create-auth.ts'
import { memoryUsers } from '../users/memory-users.ts'
import type { AuthMail, MailOptions } from './mail-options.ts'

const origin = 'https://app.example.com'
const next = 'another good long password'

async function mailingSite(options: Partial<MailOptions> = {}) {
  const mails: AuthMail[] = []
  const mail = { origin, send: (sent: AuthMail) => void mails.push(sent), ...options }
  const site = await authSite({ mail })
  return { ...site, mails }
}

const ask = (site: Site, email: unknown, browser = site.browser()): Promise<void> =>
  browser.visit(request => site.auth.requestPasswordReset(request, email))

/** Path and query of the link in a mail. */
function pathOf(mail: AuthMail | undefined): string {
  if (!mail || !('link' in mail)) return expect.fail('no mail with a link')
  return mail.link.slice(origin.length)
}

/** Follows a link as a browser does: the page is asked for again without the query, when that is what it says. */
async function follow({ auth }: Site, path: string, browser: AuthBrowser): Promise<string> {
  const open = (of: string) => browser.visit(request => auth.openPasswordReset(request), {}, of)
  const state = await open(path)
  return state === 'moved' ? open('/reset-password') : state
}

describe('who forgot the password', () => {
  it('test_email_found, test_confirm_valid, test_confirm_complete: gets a link by mail, chooses a new one, and logs in with it', async () => {
    const site = await mailingSite()
    await ask(site, 'ada@example.com')
    expect(site.mails).toMatchObject([{ kind: 'password-reset', to: 'ada@example.com', user: { username: 'ada' } }])
    expect(JSON.stringify(site.mails[0])).not.toContain('argon2')
    const browser = site.browser()
    expect(await follow(site, pathOf(site.mails[0]), browser)).toBe('ready')
    expect(await browser.visit(request => site.auth.resetPassword(request, next))).toEqual({ reset: true })
    expect(await browser.who(site.auth)).toBeNull()
    await browser.logIn(site.auth, 'ada', false, next)
    expect(await browser.who(site.auth)).toBe('ada')
  })

  it.each([
    ['in capitals, as telephones write it', 'Ada@Example.COM'],
    ['with blanks around it', ' ada@example.com '],
  ])('may type the address %s', async (_how, typed) => {
    const site = await mailingSite()
    await ask(site, typed)
    expect(site.mails).toMatchObject([{ to: 'ada@example.com' }])
  })

  it('test_user_email_unicode_collision: gets it at the stored address, also if somebody typed it with a letter that only looks the same', async () => {
    const site = await mailingSite()
    await site.auth.users.create({ username: 'kay', email: 'kay@example.com', password })
    await ask(site, '\u212aay@example.com')
    expect(site.mails).toMatchObject([{ to: 'kay@example.com' }])
  })

  it('test_poisoned_http_host: is led to the configured origin, whatever the Host header says', async () => {
    const site = await mailingSite()
    await site.browser().visit(request => site.auth.requestPasswordReset(request, 'ada@example.com'), {
      headers: { host: 'evil.example' },
    })
    expect(pathOf(site.mails[0])).toMatch(/^\/reset-password\?user=[\w-]+&token=\w+-[\w-]{43}$/)
  })

  it('is told of it by mail, in case it was somebody else', async () => {
    const site = await mailingSite()
    await ask(site, 'ada@example.com')
    const browser = site.browser()
    await follow(site, pathOf(site.mails[0]), browser)
    await browser.visit(request => site.auth.resetPassword(request, next))
    expect(site.mails[1]).toMatchObject({ kind: 'password-changed', to: 'ada@example.com' })
    expect(site.happened()).toEqual(['password-reset-requested', 'password-changed'])
  })
})

describe('who is to get a link and has enemies', () => {
  it('is not kept from it by somebody who asks again and again, with spellings that lead to nobody', async () => {
    const site = await mailingSite()
    const stranger = site.browser({ address: '198.51.100.1' })
    for (let n = 0; n < 20; n++) {
      await ask(site, '\uff41da@example.com', stranger)
      site.clock.advance('15m')
    }
    await ask(site, '\uff41da@example.com', stranger)
    expect(site.mails).toEqual([])
    await ask(site, 'ada@example.com')
    expect(site.mails).toMatchObject([{ to: 'ada@example.com' }])
  })

  it('gets no more mails by being asked for in many spellings', async () => {
    const site = await mailingSite()
    for (const typed of ['ada', 'Ada', 'ADA', 'aDa', 'adA', 'AdA', 'ADa']) await ask(site, `${typed}@example.com`)
    expect(site.mails).toHaveLength(5)
  })
})

describe('whether an address is known', () => {
  it('does not show in the time: what sends mails runs after the answer is on its way, also if it keeps the process busy', async () => {
    const order: string[] = []
    const site = await mailingSite({ send: () => order.push('sends') })
    await site.browser().open(async request => {
      await site.auth.requestPasswordReset(request, 'ada@example.com')
      // As far as a handler gets that waits for nothing but what is there already.
      for (let n = 0; n < 100; n++) await undefined
      order.push('answers')
    })
    await new Promise(setImmediate)
    expect(order).toEqual(['answers', 'sends'])
  })

  it.each([
    ['unknown', 'eve@example.com'],
    ['empty', ''],
    ['no address', 'ada@example.com,eve@example.com'],
    ['no text', { $ne: 1 }],
    ['very long', `${'a'.repeat(100_000)}@example.com`],
  ])('cannot be learnt: one that is %s gets the same answer, and no mail', async (_kind, typed) => {
    const site = await mailingSite()
    expect(await ask(site, typed)).toBe(await ask(site, 'ada@example.com'))
    expect(site.mails).toHaveLength(1)
  })

  it('test_email_not_found: cannot be measured: the mail is not waited for, and both cost the same look-ups', async () => {
    const site = await mailingSite({ send: () => new Promise(() => undefined) })
    const find = vi.spyOn(site.users, 'find')
    await ask(site, 'ada@example.com')
    const known = find.mock.calls.length
    await ask(site, 'eve@example.com')
    expect([known, find.mock.calls.length - known]).toEqual([2, 2])
  })

  it('cannot be learnt from a mail that could not be sent: it is an event', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    const site = await mailingSite({
      send: () => {
        throw new Error('no connection')
      },
    })
    await ask(site, 'ada@example.com')
    expect(site.happened()).toEqual(['password-reset-requested', 'mail-failed'])
    expect(warn).toHaveBeenCalledOnce()
    warn.mockRestore()
  })
})

describe('who changed the password', () => {
  it('is told of it by mail, in case it was somebody else', async () => {
    const site = await mailingSite()
    const change = { current: password, password: next }
    await (await site.adasBrowser()).visit(request => site.auth.changePassword(request, change))
    expect(site.mails).toMatchObject([{ kind: 'password-changed', to: 'ada@example.com' }])
  })
})

describe('ASVS 6.4.1: who was made by somebody else', () => {
  async function invited() {
    const site = await mailingSite()
    const { user } = await site.auth.users.create({ username: 'grace', email: 'grace@example.com' })
    const grace = user ?? expect.fail('nobody')
    expect(await site.auth.invite(grace.id)).toBe(true)
    await new Promise(setImmediate)
    return { ...site, grace }
  }

  it('gets a link by mail, chooses a first password, and logs in with it', async () => {
    const site = await invited()
    expect(site.mails).toMatchObject([{ kind: 'invitation', to: 'grace@example.com', user: { username: 'grace' } }])
    const browser = site.browser()
    expect(await follow(site, pathOf(site.mails[0]), browser)).toBe('ready')
    expect(await browser.visit(request => site.auth.resetPassword(request, next))).toEqual({ reset: true })
    expect(await browser.who(site.auth)).toBeNull()
    await browser.logIn(site.auth, 'grace', false, next)
    expect(await browser.who(site.auth)).toBe('grace')
    expect(await follow(site, pathOf(site.mails[0]), site.browser())).toBe('invalid')
  })

  it('gets a link that ends as that of a reset does', async () => {
    const site = await invited()
    site.clock.advance('61m')
    expect(await follow(site, pathOf(site.mails[0]), site.browser())).toBe('invalid')
  })

  it('gets none who is not there, is closed, or has no address', async () => {
    const site = await mailingSite()
    const { user } = await site.auth.users.create({ username: 'grace' })
    await site.auth.users.deactivate(site.ada.id)
    for (const id of ['nobody', '', 'a\u0000b', site.ada.id, user?.id ?? ''])
      expect(await site.auth.invite(id)).toBe(false)
    await new Promise(setImmediate)
    expect(site.mails).toEqual([])
  })
})

describe('no mail goes', () => {
  it('test_inactive_user: to who cannot log in', async () => {
    const site = await mailingSite()
    await site.auth.users.deactivate(site.ada.id)
    await ask(site, 'ada@example.com')
    expect(site.mails).toEqual([])
  })

  it('test_unusable_password: to who logs in by other means than a password', async () => {
    const site = await mailingSite()
    await site.auth.users.setUnusablePassword(site.ada.id)
    await ask(site, 'ada@example.com')
    expect(site.mails).toEqual([])
  })

  it('CVE-2022-35924: to two at once, where an address is a list', async () => {
    const site = await mailingSite()
    const email = 'ada@example.com,eve@example.com'
    await site.users.update(site.ada.id, { email })
    await ask(site, email)
    expect(site.mails).toEqual([])
  })

  it('to anybody in floods', async () => {
    const site = await mailingSite()
    for (let i = 0; i < 50; i++) await ask(site, 'ada@example.com')
    expect(site.mails.length).toBeLessThan(10)
    site.clock.advance('1h')
    await ask(site, 'ada@example.com')
    expect(site.mails.length).toBeGreaterThan(4)
  })
})

describe('the link for a new password', () => {
  function logInLater(site: Site): Promise<unknown> {
    site.clock.advance('1s')
    return site.adasBrowser()
  }

  async function withLink() {
    const site = await mailingSite()
    await ask(site, 'ada@example.com')
    return { site, path: pathOf(site.mails[0]) }
  }

  it('test_confirm_link_redirects_to_set_password_page: leaves the URL at once, and no page tells it to others', async () => {
    const { site, path } = await withLink()
    const browser = site.browser()
    const response = await browser.open(
      async request => {
        expect(await site.auth.openPasswordReset(request)).toBe('moved')
      },
      {},
      path,
    )
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const [line = ''] = response.headers.getSetCookie()
    expect(line).toMatch(/^__Host-reset=/)
    for (const part of ['Max-Age=3600', 'Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']) expect(line).toContain(part)
    expect(line).not.toContain(path.split('token=')[1])
    expect(await site.watch.store.find('userId', site.ada.id)[Symbol.asyncIterator]().next()).toMatchObject({
      done: true,
    })
  })

  it('test_confirm_invalid_post: works once', async () => {
    const { site, path } = await withLink()
    const [first, second] = [site.browser(), site.browser()]
    await follow(site, path, first)
    await follow(site, path, second)
    expect(await first.visit(request => site.auth.resetPassword(request, next))).toEqual({ reset: true })
    for (const browser of [first, second]) {
      const again = await browser.visit(request => site.auth.resetPassword(request, 'yet another long password'))
      expect(again).toEqual({ reset: false, reason: 'invalid-link' })
    }
    expect(await follow(site, path, site.browser())).toBe('invalid')
  })

  it('works once, also for two at the same moment', async () => {
    const { site, path } = await withLink()
    const browsers = [site.browser(), site.browser()]
    for (const browser of browsers) await follow(site, path, browser)
    const done = await Promise.all(
      browsers.map((browser, i) => browser.visit(request => site.auth.resetPassword(request, `${next} ${i}`))),
    )
    expect(done.filter(({ reset }) => reset)).toHaveLength(1)
  })

  it('is used up by no password that is too weak', async () => {
    const { site, path } = await withLink()
    const browser = site.browser()
    await follow(site, path, browser)
    for (const weak of ['short', 'password', 'ada@example.com', undefined, '']) {
      const refused = await browser.visit(request => site.auth.resetPassword(request, weak))
      expect(refused).toMatchObject({ reset: false, reason: 'refused', problems: [{ field: 'password' }] })
    }
    expect(await browser.visit(request => site.auth.resetPassword(request, next))).toEqual({ reset: true })
  })

  it.each<[string, (site: Site) => unknown]>([
    ['an hour is over', site => site.clock.advance('61m')],
    ['the owner logs in', logInLater],
    ['the password is changed', site => site.auth.users.setPassword(site.ada.id, next)],
    ['the address is changed', site => site.auth.users.update(site.ada.id, { email: 'new@example.com' })],
    ['the account is closed', site => site.auth.users.deactivate(site.ada.id)],
    ['the user is deleted', site => site.auth.users.delete(site.ada.id)],
  ])('is void when %s, also after it was opened', async (_name, happen) => {
    const { site, path } = await withLink()
    const browser = site.browser()
    await follow(site, path, browser)
    await happen(site)
    expect(await follow(site, path, browser)).toBe('invalid')
    expect(await browser.visit(request => site.auth.resetPassword(request, 'a third long password'))).toEqual({
      reset: false,
      reason: 'invalid-link',
    })
  })

  it('test_confirm_invalid, test_confirm_overflow_user, test_invalid_link_if_going_directly_to_the_final_reset_password_url: is nothing without what the mail said', async () => {
    const { site, path } = await withLink()
    const eve = await site.newUser('eve')
    const token = path.split('token=')[1]
    const wrong = [
      '/reset-password',
      '/reset-password?token=',
      `/reset-password?token=${token}`,
      `/reset-password?user=${eve.id}&token=${token}`,
      `/reset-password?user=%00&token=${token}`,
      `/reset-password?user=${'9'.repeat(5000)}&token=${'x'.repeat(5000)}`,
      path.replace('/reset-password', '/').replace(/.$/, char => (char === 'A' ? 'B' : 'A')),
    ]
    for (const other of wrong) expect([other, await follow(site, other, site.browser())]).toEqual([other, 'invalid'])
  })

  it('is no link for confirming an address', async () => {
    const { site, path } = await withLink()
    expect(await site.browser().visit(request => site.auth.openEmailConfirmation(request), {}, path)).toBe('invalid')
  })

  it('ends all sessions of the user, remembered ones too, and nobody else is touched', async () => {
    const { site } = await withLink()
    const [phone, laptop] = [await site.adasBrowser({ remember: true }), await site.adasBrowser()]
    const eve = site.browser()
    await site.newUser('eve')
    await eve.logIn(site.auth, 'eve')
    await ask(site, 'ada@example.com')
    // The browser is Ada's own, still logged in; on the next site it is Eve's.
    await follow(site, pathOf(site.mails[1]), laptop)
    await laptop.visit(request => site.auth.resetPassword(request, next))
    expect([await phone.who(site.auth), await laptop.who(site.auth), await eve.who(site.auth)]).toEqual([
      null,
      null,
      'eve',
    ])
    phone.loseSession()
    expect(await phone.who(site.auth)).toBeNull()
  })

  it('test_confirm_login_post_reset_already_logged_in: leaves who opens it while somebody else is logged in who they are', async () => {
    const { site, path } = await withLink()
    const eve = site.browser()
    await site.newUser('eve')
    await eve.logIn(site.auth, 'eve')
    await follow(site, path, eve)
    expect(await eve.visit(request => site.auth.resetPassword(request, next))).toEqual({ reset: true })
    expect(await eve.who(site.auth)).toBe('eve')
  })
})

describe('an e-mail address', () => {
  const change = (site: Site, browser: AuthBrowser, email: unknown) =>
    browser.visit(request => site.auth.requestEmailChange(request, email))

  async function confirm(site: Site, path: string, browser: AuthBrowser) {
    await browser.visit(request => site.auth.openEmailConfirmation(request), {}, path)
    return browser.visit(request => site.auth.confirmEmail(request), {}, '/confirm-email')
  }

  it('is changed when the new one is confirmed, on whatever device, and the old one is told', async () => {
    const site = await mailingSite()
    const ada = await site.adasBrowser()
    expect(await change(site, ada, 'Ada.New@Example.org')).toEqual({ sent: true })
    expect(site.mails).toMatchObject([{ kind: 'email-confirmation', to: 'Ada.New@example.org' }])
    expect((await site.auth.users.find({ username: 'ada' }))?.email).toBe('ada@example.com')
    const user = await confirm(site, pathOf(site.mails[0]), site.browser())
    expect(user).toMatchObject({ username: 'ada', email: 'Ada.New@example.org' })
    expect(site.mails[1]).toMatchObject({ kind: 'email-changed', to: 'ada@example.com' })
    expect(await ada.who(site.auth)).toBe('ada')
    expect(await confirm(site, pathOf(site.mails[0]), site.browser())).toBeNull()
  })

  it('that the user has already is confirmed in the same way', async () => {
    const site = await mailingSite()
    await change(site, await site.adasBrowser(), 'ada@example.com')
    expect(await confirm(site, pathOf(site.mails[0]), site.browser())).toMatchObject({ email: 'ada@example.com' })
    expect(site.mails).toHaveLength(1)
  })

  it('is not changed by a link that the owner voids, with a new password, in this very moment', async () => {
    const site = await mailingSite()
    await change(site, await site.adasBrowser(), 'evil@example.com')
    const { update } = site.users
    site.users.update = async (id, changes, options) => {
      site.users.update = update
      await site.auth.users.setPassword(id, next)
      return update.call(site.users, id, changes, options)
    }
    expect(await confirm(site, pathOf(site.mails[0]), site.browser())).toBeNull()
    expect(await site.auth.users.find({ username: 'ada' })).toMatchObject({ email: 'ada@example.com' })
    expect(site.mails.map(({ kind }) => kind)).toEqual(['email-confirmation'])
  })

  it.each<[string, (site: Site) => Promise<unknown>]>([
    ['the password is changed', ({ auth, ada }) => auth.users.setPassword(ada.id, next)],
    ['the user logs in', site => site.adasBrowser()],
    ['the account is closed', ({ auth, ada }) => auth.users.deactivate(ada.id)],
  ])('is not changed by its link once %s', async (_what, happens) => {
    const site = await mailingSite()
    await change(site, await site.adasBrowser(), 'new@example.com')
    site.clock.advance('2s')
    await happens(site)
    expect(await confirm(site, pathOf(site.mails[0]), site.browser())).toBeNull()
    expect(await site.auth.users.find({ username: 'ada' })).toMatchObject({ email: 'ada@example.com' })
  })

  it('is not changed by another address than the one that was mailed', async () => {
    const site = await mailingSite()
    await change(site, await site.adasBrowser(), 'new@example.com')
    const path = pathOf(site.mails[0]).replace('new%40', 'evil%40')
    expect(path).toContain('evil')
    expect(await confirm(site, path, site.browser())).toBeNull()
  })

  it.each([
    '',
    'nobody',
    'a@example.com,b@example.com',
    'a@example.com;b@example.com',
    'A <a@example.com>',
    'a@example.com\r\nBcc: x@example.com',
    undefined,
    5,
  ])('%j is refused', async typed => {
    const site = await mailingSite()
    const refused = await change(site, await site.adasBrowser(), typed)
    expect(refused).toMatchObject({ sent: false, reason: 'refused', problems: [{ field: 'email' }] })
    expect(site.mails).toEqual([])
  })

  it('is changed by nobody else, and by nobody who only found the browser open', async () => {
    const site = await mailingSite()
    await expect(change(site, site.browser(), 'new@example.com')).rejects.toThrow('LOGIN_REQUIRED')
    const ada = await site.adasBrowser()
    site.clock.advance('16m')
    await expect(change(site, ada, 'new@example.com')).rejects.toThrow('LOGIN_STALE')
  })

  it('is no way to send mails to strangers in floods', async () => {
    const site = await mailingSite()
    const ada = await site.adasBrowser()
    for (let i = 0; i < 30; i++) await change(site, ada, `stranger${i}@example.com`)
    expect(site.mails.length).toBeLessThan(10)
    expect(await change(site, ada, 'new@example.com')).toMatchObject({ sent: false, reason: 'throttled' })
  })
})

describe('options that cannot be', () => {
  it.each<[Partial<Record<keyof MailOptions | 'orign', unknown>>, string]>([
    [{ origin: 'app.example.com' }, 'mail.origin'],
    [{ origin: 'https://app.example.com/' }, 'mail.origin'],
    [{ origin: '' }, 'mail.origin'],
    [{ send: undefined }, 'mail has no function send'],
    [{ resetPath: 'https://evil.example/' }, 'mail.resetPath'],
    [{ resetPath: '//evil.example' }, 'mail.resetPath'],
    [{ confirmPath: '/confirm?x=1' }, 'mail.confirmPath'],
    [{ lifetime: 'soon' }, 'DURATION_INVALID'],
    [{ orign: 'x' }, 'mail.orign'],
  ])('%j does not start', (wrong, what) => {
    const mail = { origin, send: () => undefined, ...wrong } as MailOptions
    const sessions = { of: () => Promise.reject() }
    expect(() => createAuth({ sessions, users: memoryUsers(), secrets: secret, mail })).toThrow(what)
  })

  it('nothing is mailed without the option', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue()
    const site = await authSite()
    await expect(ask(site, 'ada@example.com')).rejects.toThrow('mail is missing')
    // The site answers 500 and says so to whoever runs it.
    expect(error).toHaveBeenCalledOnce()
    error.mockRestore()
  })
})
