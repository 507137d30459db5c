import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, createServer } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { withSessions } from '../../adapters/fetch.ts'
import { nodeSessions } from '../../adapters/node.ts'
import { createSessions } from '../../create-sessions.ts'
import { memoryStore } from '../../stores/memory.ts'
import { bearer, header, type SessionTransport } from '../../transport/index.ts'
import { createAuth } from '../create-auth.ts'
import { fetchAuth } from '../guards/fetch.ts'
import { scrypt } from '../passwords/formats/scrypt.ts'
import { memoryUsers } from '../users/memory-users.ts'

const secrets = 'p7Qm0Zt1Yx8Rk3Vw5Ns2Jb6Lc9Hd4Gf0'

/** A site whose sessions travel so, with the ready-made login and logout; `post` sends one of them with headers. */
async function site(transport: SessionTransport | SessionTransport[], { remembers = false } = {}) {
  const store = memoryStore()
  const sessions = createSessions({ store, transport })
  const auth = createAuth({
    ...{ sessions, users: memoryUsers(), secrets, passwords: { hasher: scrypt() } },
    ...(remembers && { remember: { store } }),
  })
  await auth.users.create({ username: 'ada', password: 'lantern-orbit-42' })
  const { login, logout } = fetchAuth(auth)
  const handlers = { '/login': login(), '/logout': logout() }
  const post = (path: keyof typeof handlers, headers: Record<string, string>): Promise<Response> => {
    const body = JSON.stringify({ username: 'ada', password: 'lantern-orbit-42', remember: remembers })
    const json = { 'Content-Type': 'application/json', Accept: 'application/json' }
    const request = new Request(`https://api.example${path}`, {
      method: 'POST',
      body,
      headers: { ...json, ...headers },
    })
    return withSessions(sessions, handlers[path])(request)
  }
  return { post }
}

describe('an app, which does not say where a request comes from', () => {
  it.each<[string, SessionTransport | SessionTransport[], Record<string, string>]>([
    ['bearer() alone', bearer(), {}],
    ['header() alone', header('Session-Token'), {}],
    ['bearer() beside the cookie, with none', ['cookie', bearer()], { Authorization: 'Bearer none' }],
  ])('logs in and out by the ready-made handlers over %s', async (_way, transport, none) => {
    const { post } = await site(transport)
    const login = await post('/login', none)
    const token = login.headers.get('Session-Token') ?? ''
    expect([login.status, token.length]).toEqual([200, 43])
    const logout = await post('/logout', { Authorization: `Bearer ${token}`, 'Session-Token': token })
    expect([logout.status, logout.headers.get('Session-Token')]).toEqual([200, 'none'])
  })

  it('logs in over bearer() from a page of its own, whatever its origin', async () => {
    expect((await (await site(bearer())).post('/login', { Origin: 'capacitor://localhost' })).status).toBe(200)
  })

  it.each<[string, SessionTransport | SessionTransport[], Record<string, string>, boolean]>([
    ['the cookie may come by itself', ['cookie', bearer()], {}, false],
    ['credentials of another scheme do', ['cookie', bearer()], { Authorization: 'Basic YTpi' }, false],
    ['a cookie remembers the browser', bearer(), {}, true],
    ['a transport of its own does not say so', { ...bearer(), onPurpose: false }, {}, false],
  ])('is refused where %s', async (_why, transport, headers, remembers) => {
    const { post } = await site(transport, { remembers })
    for (const path of ['/login', '/logout'] as const) expect((await post(path, headers)).status).toBe(403)
  })
})

it('a page of the site that came over plain http is another site’s, where cookies are Secure', async () => {
  const { post } = await site('cookie')
  expect((await post('/login', { Host: 'api.example', Origin: 'http://api.example' })).status).toBe(403)
  expect((await post('/login', { Host: 'api.example', Origin: 'https://api.example' })).status).toBe(200)
})

it.each([
  ['its own page', 200, (origin: string) => origin],
  ['a page elsewhere', 403, () => 'https://evil.example'],
])('over HTTP/2, which has no Host header, a site hears from %s: %i', async (_whose, status, originOf) => {
  const sessions = createSessions({ store: memoryStore(), cookie: { secure: false } })
  const auth = createAuth({
    ...{ sessions, users: memoryUsers(), secure: false, secrets },
  })
  const handler = nodeSessions(sessions, async (req, res) => {
    await auth.requireSameSite(req)
    res.end()
  })
  // What nodeSessions uses of a request and a response, those of HTTP/2 have too.
  const server = createServer((req: unknown, res: unknown) => handler(req as IncomingMessage, res as ServerResponse))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' && address?.port}`
  const client = connect(origin)
  try {
    const stream = client.request({ ':method': 'POST', origin: originOf(origin) }).end()
    const [headers] = await once(stream, 'response')
    expect(headers[':status']).toBe(status)
    stream.resume()
    await once(stream, 'close')
  } finally {
    client.destroy()
    server.close()
  }
})
