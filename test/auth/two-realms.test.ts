import { expect, it } from 'vitest'
import { withSessions } from '../../src/adapters/fetch.ts'
import { createAuth } from '../../src/auth/create-auth.ts'
import { memoryUsers } from '../../src/auth/users/memory-users.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { authSite, password, quickHasher, secret } from './auth-site.ts'

it('a shop and its office on one host, with cookies of their own, remember a browser each and forget it each', async () => {
  const { auth, adasBrowser, clock, watch } = await authSite()
  const sessions = createSessions({ store: watch.store, clock, cookie: { name: '__Host-office' } })
  const office = createAuth({
    ...{ sessions, users: memoryUsers(), clock, secrets: secret, cookiePrefix: 'office-' },
    ...{ remember: { store: watch.store }, passwords: { hasher: quickHasher } },
  })
  const { user: grace } = await office.users.create({ username: 'grace', password })
  const browser = await adasBrowser({ remember: true })
  const atTheOffice = async <T>(page: (request: Request) => Promise<T>): Promise<T> => {
    let shown: { page: T } | undefined
    const handler = withSessions(sessions, async request => {
      shown = { page: await page(request) }
      return new Response()
    })
    const headers = { cookie: browser.jar.header('https://site.example/') }
    browser.jar.store('/', await handler(new Request('https://site.example/', { headers })))
    return shown ? shown.page : expect.fail('no page')
  }
  const whoAtTheOffice = () => atTheOffice(async request => (await office.user(request))?.username ?? null)

  expect(await whoAtTheOffice()).toBeNull()
  await atTheOffice(request => office.login(request, grace ?? expect.fail('nobody'), { remember: true }))
  expect([await browser.who(auth), await whoAtTheOffice()]).toEqual(['ada', 'grace'])
  const names = ['remember', 'device', 'office-remember', 'office-device'].map(name => `__Host-${name}`)
  expect(names.filter(name => !browser.jar.get(name))).toEqual([])
  clock.advance('15d')
  expect([await browser.who(auth), await whoAtTheOffice()]).toEqual(['ada', 'grace'])
  await atTheOffice(request => office.logout(request))
  clock.advance('15d')
  expect([await browser.who(auth), await whoAtTheOffice()]).toEqual(['ada', null])
})

it.each(['a b', 'é', ';', 'x'.repeat(101)])('%j is no beginning of a cookie name', async cookiePrefix => {
  await expect(authSite({ cookiePrefix })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})
