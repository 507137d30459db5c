import { describe, expect, it } from 'vitest'
import { withSessions } from '../adapters/fetch.ts'
import { createAuth } from '../auth/create-auth.ts'
import { memoryUsers } from '../auth/users/memory-users.ts'
import { createSessions } from '../create-sessions.ts'
import { memoryStore } from '../stores/memory.ts'
import { CookieJar } from './cookie-jar.ts'
import { loginAs } from './login-as.ts'

const secrets = 'p7Qm0Zt1Yx8Rk3Vw5Ns2Jb6Lc9Hd4Gf0-first'

async function siteWithAda() {
  const store = memoryStore()
  const sessions = createSessions<{ cart: string[] }>({ store })
  const auth = createAuth({ sessions, users: memoryUsers(), secrets, remember: { store } })
  const { user: ada } = await auth.users.create({ username: 'ada' })
  const handler = withSessions(sessions, async request => {
    const user = await auth.requireFresh(request)
    const session = await sessions.of(request)
    const [device] = await auth.devices(request)
    return Response.json([user.username, session.get('cart', []), device?.browser])
  })
  const fill = withSessions(sessions, async request => {
    ;(await sessions.of(request)).set('cart', ['tea'])
    return new Response()
  })
  const jar = new CookieJar({ fetch: (url, init) => (url.endsWith('/fill') ? fill : handler)(new Request(url, init)) })
  return { sessions, auth, jar, ada: ada ?? expect.fail('no user') }
}

describe('loginAs', () => {
  it('logs a browser in without a form, also one whose user has no password', async () => {
    const { sessions, auth, jar, ada } = await siteWithAda()
    expect((await jar.fetch('https://localhost/')).status).toBe(401)
    await loginAs(jar, { sessions, auth, user: ada, userAgent: 'curl/8.5' })
    expect(await (await jar.fetch('https://localhost/')).json()).toEqual(['ada', [], 'curl'])
  })

  it('is a login: the cart stays, the token is another, and the browser is remembered if that is asked', async () => {
    const { sessions, auth, jar, ada } = await siteWithAda()
    await jar.fetch('https://localhost/fill')
    const before = jar.get('__Host-session')
    await loginAs(jar, { sessions, auth, user: ada, remember: true })
    expect(jar.get('__Host-session')).not.toBe(before)
    expect(jar.get('__Host-remember')).toMatch(/\w/)
    expect(await (await jar.fetch('https://localhost/')).json()).toEqual(['ada', ['tea'], 'another browser'])
  })

  it('throws what auth.login throws, and leaves the browser as it was', async () => {
    const { sessions, auth, jar } = await siteWithAda()
    const gone = loginAs(jar, { sessions, auth, user: { id: 'nobody' } })
    await expect(gone).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    expect(jar.header('https://localhost/')).toBe('')
  })
})
