import { channel } from 'node:diagnostics_channel'
import { describe, expect, it, vi } from 'vitest'
import { authChannel } from '../../src/auth/auth-events.ts'
import { authSite, password } from './auth-site.ts'

const another = 'another horse, another battery'

/** Everything that can happen to an account, once or more. */
async function everything(site: Awaited<ReturnType<typeof authSite>>): Promise<string[]> {
  const { auth, browser, adasBrowser, clock, ada } = site
  const firefox = await adasBrowser({ remember: true })
  const secrets = [firefox.token, ...(firefox.jar.get('__Host-remember') ?? '').split('.')]
  await browser().visit(request => auth.authenticate(request, { username: 'nobody@example.com', password }))
  for (let n = 0; n < 7; n++) {
    await browser().visit(request => auth.authenticate(request, { username: 'ada', password: 'a wrong password' }))
  }
  clock.advance('15d')
  const thief = firefox.copy()
  await firefox.who(auth)
  clock.advance('15d')
  await firefox.who(auth)
  await thief.who(auth)
  const phone = await adasBrowser()
  const tablet = await adasBrowser()
  await phone.visit(request => auth.elevate(request, { password }))
  const [, other] = await phone.visit(request => auth.devices(request))
  await phone.visit(request => auth.endDevice(request, other?.id ?? ''))
  await tablet.who(auth)
  await phone.visit(request => auth.changePassword(request, { current: password, password: another }))
  await phone.visit(request => auth.endOtherDevices(request))
  await phone.open(request => auth.requireSameSite(request), { method: 'POST' })
  const stale = phone.copy()
  await phone.visit(request => auth.logout(request))
  await auth.endSessionsOf(ada.id)
  await stale.who(auth)
  secrets.push(firefox.token, phone.token, tablet.token, stale.token)
  return secrets.filter(secret => secret.length > 20)
}

describe('ASVS 6.3.5, 6.3.7: what happens to an account is told', () => {
  it('each thing by its name, on node:diagnostics_channel and to onEvent, the same', async () => {
    const published: unknown[] = []
    const listen = (event: unknown): void => void published.push(event)
    channel(authChannel).subscribe(listen)
    const site = await authSite()
    published.length = 0
    await everything(site)
    channel(authChannel).unsubscribe(listen)
    expect(published).toEqual(site.events)
    expect([...new Set(site.happened())].sort()).toEqual([
      ...['cross-site-refused', 'elevated', 'logged-in', 'logged-out', 'login-failed', 'login-throttled'],
      ...['password-changed', 'remember-theft', 'remembered', 'sessions-ended'],
    ])
  })

  it('without a secret, a name or an address in it', async () => {
    const site = await authSite()
    const secrets = await everything(site)
    const text = JSON.stringify(site.events)
    expect(secrets.length).toBeGreaterThan(3)
    const names = ['ada"', 'example.com', 'nobody@', '192.0.2', 'Firefox', 'horse', 'argon2', 'a wrong password']
    for (const word of [...secrets, ...names]) expect([word, text.includes(word)]).toEqual([word, false])
  })

  it('why a login failed is for logs alone: the visitor’s answer is one and the same', async () => {
    const { auth, browser, newUser, events } = await authSite()
    await auth.users.deactivate((await newUser('closed')).id)
    events.length = 0
    const forms = [
      { username: 'nobody', password },
      { username: 'ada', password: another },
      { username: 'closed', password },
    ]
    const answers = await Promise.all(forms.map(form => browser().visit(request => auth.authenticate(request, form))))
    expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1)
    expect(events.flatMap(event => (event.type === 'login-failed' ? event.reason : [])).sort()).toEqual([
      ...['inactive', 'unknown', 'wrong'],
    ])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('the log is full')
      },
    ],
    ['rejects', () => Promise.reject(new Error('the log is full'))],
  ])('and a listener that %s spoils nothing', async (_how, onEvent) => {
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const site = await authSite()
    const { auth } = await site.redeployed({ onEvent })
    const firefox = site.browser()
    await firefox.logIn(auth, 'ada')
    expect(await firefox.who(auth)).toBe('ada')
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('logged-in'), expect.any(Error))
    warn.mockRestore()
    // Node tells of unhandled rejections after the turn in which they were made.
    await new Promise(setImmediate)
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
})
