import { describe, expect, it } from 'vitest'
import { type AuthBrowser, authSite, password, type Site } from '../../../test/auth/auth-site.ts'
import { fetchAuth } from '../guards/fetch.ts'

describe('who is logged in in as many places as they may be', () => {
  const page = ({ reason, message }: { reason: string; message: string }): string => `<p>${reason}: ${message}`

  async function send(accept: string): Promise<{ site: Site; third: AuthBrowser; answer: Response }> {
    const site = await authSite({ sessionLimit: { most: 1, whenFull: 'reject' } })
    await site.adasBrowser()
    site.clock.advance('1m')
    const third = site.browser()
    const body = new URLSearchParams({ username: 'ada', password, remember: 'on' })
    const headers = { accept, 'sec-fetch-site': 'same-origin' }
    const answer = await third.open(request => fetchAuth(site.auth).login({ page })(request), {
      method: 'POST',
      ...{ headers, body },
    })
    return { site, third, answer }
  }

  it('sees the login page, which says so', async () => {
    const { site, third, answer } = await send('text/html')
    expect([answer.status, await answer.text()]).toEqual([409, expect.stringMatching(/^<p>full: .*log out/)])
    expect([await third.who(site.auth), third.jar.get('__Host-remember')]).toEqual([null, undefined])
  })

  it('is told by a code, as a program', async () => {
    const { answer } = await send('application/json')
    expect([answer.status, await answer.json()]).toEqual([
      409,
      { error: 'SESSIONS_FULL', message: expect.stringContaining('log out') },
    ])
  })
})
