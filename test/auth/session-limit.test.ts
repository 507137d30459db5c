import { describe, expect, it } from 'vitest'
import { type AuthBrowser, authSite, type Site, stages } from './auth-site.ts'

type WhenFull = 'evict-oldest' | 'reject'

/** Two places, both taken. */
async function full(whenFull: WhenFull, stage = 'memory'): Promise<Site & { first: AuthBrowser; second: AuthBrowser }> {
  const site = await authSite({ stage, throttle: false, sessionLimit: { most: 2, whenFull } })
  const first = await site.adasBrowser()
  site.clock.advance('1m')
  return { ...site, first, second: await site.adasBrowser() }
}

const who = (auth: Site['auth'], ...browsers: readonly AuthBrowser[]): Promise<(string | null)[]> =>
  Promise.all(browsers.map(browser => browser.who(auth)))

describe.each(Object.keys(stages))('on a machine whose clock is behind, on %s', stage => {
  it('evict-oldest: the newcomer is let in, and the oldest has to go', async () => {
    const { auth, clock, browser, first, second } = await full('evict-oldest', stage)
    clock.set(new Date(clock() - 600_000))
    const third = browser()
    await third.logIn(auth, 'ada')
    expect(await who(auth, first, second, third)).toEqual([null, 'ada', 'ada'])
  })

  it('reject: it is the newcomer who is refused', async () => {
    const { auth, clock, browser, first, second } = await full('reject', stage)
    clock.set(new Date(clock() - 600_000))
    const third = browser()
    await expect(third.logIn(auth, 'ada')).rejects.toMatchObject({ code: 'SESSIONS_FULL' })
    expect(await who(auth, first, second, third)).toEqual(['ada', 'ada', null])
  })

  it('a remembered browser that comes back is a newcomer', async () => {
    const { auth, clock, adasBrowser } = await authSite({
      ...{ stage, throttle: false, sessionLimit: { most: 2, whenFull: 'evict-oldest' } },
    })
    const remembered = await adasBrowser({ remember: true })
    clock.advance('15d')
    const first = await adasBrowser()
    clock.advance('1m')
    const second = await adasBrowser()
    clock.set(new Date(clock() - 600_000))
    expect(await who(auth, remembered)).toEqual(['ada'])
    expect(await who(auth, first, second, remembered)).toEqual([null, 'ada', 'ada'])
  })
})

describe.each(Object.keys(stages))('reject: for whom there is no place, on %s', stage => {
  it('keeps the cart that they had as an anonymous visitor, and is nobody', async () => {
    const { auth, browser, first } = await full('reject', stage)
    const third = browser()
    await third.session(session => session.set('cart', ['tea']))
    const { token } = third
    await expect(third.logIn(auth, 'ada')).rejects.toMatchObject({ code: 'SESSIONS_FULL', status: 409 })
    expect(await third.session(({ userId, facts, expiresAt }) => [userId, facts, expiresAt])).toEqual([
      null,
      {},
      expect.any(Date),
    ])
    expect(await third.session(session => session.get('cart'))).toEqual(['tea'])
    expect(third.token).not.toBe(token)
    await first.visit(request => auth.logout(request))
    await third.logIn(auth, 'ada')
    expect(await third.session(session => session.get('cart'))).toEqual(['tea'])
  })

  it('and is remembered: the cart stays, under its token, while they ask again', async () => {
    const site = await authSite({ stage, throttle: false, sessionLimit: { most: 1, whenFull: 'reject' } })
    const { auth, clock, adasBrowser } = site
    const remembered = await adasBrowser({ remember: true })
    clock.advance('15d')
    const other = await adasBrowser()
    await remembered.session(session => session.set('cart', ['tea']))
    const { token } = remembered
    for (let n = 0; n < 3; n++) expect(await remembered.who(auth)).toBeNull()
    expect([remembered.token, await remembered.session(session => session.get('cart'))]).toEqual([token, ['tea']])
    await other.visit(request => auth.logout(request))
    expect(await remembered.who(auth)).toBe('ada')
    expect(await remembered.session(session => session.get('cart'))).toEqual(['tea'])
  })
})
