import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { AuthMail, MailOptions } from '../../src/auth/mail/mail-options.ts'
import { createToken } from '../../src/session/token.ts'
import { type AuthBrowser, authSite, type Site } from './auth-site.ts'

// Rows of ASVS 5.0, and flaws of other libraries, that no other test is named after. docs/asvs.md has the list.

const origin = 'https://app.example.com'
const next = 'another horse, another battery'

async function mailingSite(options: Partial<MailOptions> = {}) {
  const links: string[] = []
  const send = (mail: AuthMail): void => void ('link' in mail && links.push(mail.link.slice(origin.length)))
  return { ...(await authSite({ mail: { origin, send, ...options } })), links }
}

const ask = ({ auth, browser }: Site, email = 'ada@example.com'): Promise<void> =>
  browser().visit(request => auth.requestPasswordReset(request, email))

/** What a browser comes to that opens a link and then asks for the page without the query. */
async function follow({ auth }: Site, link = '/', browser: AuthBrowser): Promise<string> {
  await browser.visit(request => auth.openPasswordReset(request), {}, link)
  return browser.visit(request => auth.openPasswordReset(request), {}, '/reset-password')
}

const choose = ({ auth }: Site, browser: AuthBrowser, chosen = next) =>
  browser.visit(request => auth.resetPassword(request, chosen))

function count(counters: Uint32Array, at: number): void {
  counters[at] = (counters[at] ?? 0) + 1
}

describe('ASVS 7.2.3: tokens', () => {
  it('of 1,000,000 no two are one, and each of their 256 bits is set in half of them', () => {
    const many = 1_000_000
    const tokens = new Set<string>()
    // How often each of the 32 bytes had each value.
    const seen = new Uint32Array(32 * 256)
    for (let i = 0; i < many; i++) {
      const token = createToken()
      tokens.add(token)
      let place = 0
      for (const value of Buffer.from(token, 'base64url')) count(seen, 256 * place++ + value)
    }
    expect(tokens.size).toBe(many)
    const ones = Array.from({ length: 256 }, (_, bit) => {
      const ofByte = seen.subarray(256 * (bit >> 3), 256 * (bit >> 3) + 256)
      return ofByte.reduce((sum, times, value) => sum + ((value >> (bit & 7)) & 1) * times, 0)
    })
    // Seven standard deviations: chance goes beyond in one run of a billion.
    const most = 7 * Math.sqrt(many / 4)
    expect(ones.filter(count => Math.abs(count - many / 2) > most)).toEqual([])
  }, 60_000)
})

describe('ASVS 7.4.5: an administrator', () => {
  it('ends the sessions of everybody with a new secret, and the remembered browsers too', async () => {
    const site = await authSite()
    await site.newUser('grace')
    const [hers, his] = [site.browser(), await site.adasBrowser({ remember: true })]
    await hers.logIn(site.auth, 'grace')
    const { auth } = await site.redeployed({ secrets: randomBytes(32).toString('hex') })
    expect([await hers.who(auth), await his.who(auth)]).toEqual([null, null])
    his.loseSession()
    expect(await his.who(auth)).toBeNull()
  })
})

describe('ASVS 7.6.2: a session', () => {
  it('begins with an action: pages that ask who it is make none, and set no cookie', async () => {
    const { auth, browser, watch } = await authSite()
    const firefox = browser()
    watch.calls.length = 0
    for (const page of ['/', '/account', '/login?next=/account']) {
      const answer = await firefox.open(request => auth.user(request), {}, page)
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    expect(watch.calls).toEqual([])
    await firefox.logIn(auth, 'ada')
    expect(firefox.token).toMatch(/^[\w-]{43}$/)
  })
})

describe('ASVS 6.3.6, 6.4.3: who has the mailbox', () => {
  it('is not logged in by a reset, and has a second factor still before them', async () => {
    const site = await mailingSite()
    await ask(site)
    const browser = site.browser()
    await follow(site, site.links[0], browser)
    expect([await choose(site, browser), await browser.who(site.auth)]).toEqual([{ reset: true }, null])
    const { user } = await browser.visit(request =>
      site.auth.authenticate(request, { username: 'ada', password: next }),
    )
    expect([user?.username, await browser.who(site.auth)]).toEqual(['ada', null])
  })
})

describe('a link in a mail', () => {
  it('ASVS 6.5.1: is used once, also by 50 who have it at the same moment', async () => {
    const site = await mailingSite()
    await ask(site)
    const browser = site.browser()
    await follow(site, site.links[0], browser)
    const tabs = Array.from({ length: 50 }, (_, n) => choose(site, browser.copy(), `${next} ${n}`))
    const done = await Promise.all(tabs)
    expect(done.filter(({ reset }) => reset)).toHaveLength(1)
  })

  it('ASVS 6.5.3, 6.5.4: has 256 bits that only the secret of the site makes', async () => {
    const site = await mailingSite()
    await ask(site)
    expect(site.links[0]).toMatch(/&token=\w+-[\w-]{43}$/)
    const elsewhere = await site.redeployed({ secrets: randomBytes(32).toString('hex') })
    expect(await follow(elsewhere, site.links[0], site.browser())).toBe('invalid')
    expect(await follow(site, site.links[0], site.browser())).toBe('ready')
  })

  it('ASVS 6.5.5: lives for as long as the program says, ten minutes for one', async () => {
    const site = await mailingSite({ lifetime: '10m' })
    await ask(site)
    site.clock.advance('9m')
    expect(await follow(site, site.links[0], site.browser())).toBe('ready')
    site.clock.advance('2m')
    expect(await follow(site, site.links[0], site.browser())).toBe('invalid')
  })
})
