import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions, type SessionEvent, type UpgradeOptions, type UpgradeSession } from '../../src/index.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { Gate } from '../../src/testing/adapter-contract/gate.ts'
import { StoryStore } from '../../src/testing/adapter-contract/story-store.ts'
import { CookieJar } from '../../src/testing/cookie-jar.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { header } from '../../src/transport/index.ts'
import { type Listening, listen } from '../support/listen.ts'
import { RawRequest, requestText } from '../support/raw-request.ts'

interface Data {
  name: string
}

const closes: (() => unknown)[] = []
const uncaught: unknown[] = []
process.on('uncaughtException', error => uncaught.push(error))

afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close()
  expect(uncaught.splice(0)).toEqual([])
})

const everyMoment = { every: '2ms' } as const

/** A chat: whoever is logged in may open a socket, which says their name and is closed when their session ends. */
async function chat(options: UpgradeOptions = {}, store = memoryStore()) {
  const clock = fakeClock()
  const events: SessionEvent[] = []
  const sessions = createSessions<Data>({ store, clock, onEvent: event => void events.push(event), idleTimeout: '1h' })
  const server = await listen(
    nodeSessions(sessions, async (req, res) => {
      const session = await sessions.of(req)
      if (req.url === '/login') session.rotate({ userId: 'ada' })
      if (req.url === '/login') session.set('name', 'Ada')
      if (req.url === '/logout') session.destroy()
      res.end('done')
    }),
  )
  const sockets = new WebSocketServer({ noServer: true })
  const opened: UpgradeSession<Data>[] = []
  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    socket.on('error', () => socket.destroy())
    const session = await sessions.ofUpgrade(request, options)
    if (!session.userId) {
      socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
      return
    }
    opened.push(session)
    sockets.handleUpgrade(request, socket, head, webSocket => {
      webSocket.on('error', () => webSocket.terminate())
      webSocket.on(
        'close',
        session.watch(() => webSocket.close(4401, 'logged out'), everyMoment),
      )
      webSocket.send(session.get('name', 'nobody'))
    })
  }
  server.server.on('upgrade', (request, socket, head) => void upgrade(request, socket, head))
  closes.push(() => server.close())
  const browser = new CookieJar({ fetch: server.fetch })
  return {
    server,
    sessions,
    browser,
    clock,
    events,
    opened,
    connect: (headers = {}) => connect(server, browser, headers),
  }
}

function connect(server: Listening, browser: CookieJar, headers: Record<string, string>): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`, {
    headers: { Cookie: browser.header('/'), ...headers },
  })
  closes.push(() => socket.terminate())
  return socket
}

/** What a socket first hears. */
async function greeting(socket: WebSocket): Promise<string> {
  const [message] = await once(socket, 'message')
  return String(message)
}

describe('a WebSocket', () => {
  it('is opened with the session of its upgrade request', async () => {
    const { browser, connect: open, opened } = await chat()
    await browser.fetch('/login')
    expect(await greeting(open())).toBe('Ada')
    expect(opened[0]?.userId).toBe('ada')
    expect(opened[0]?.toObject()).toEqual({ name: 'Ada' })
  })

  it('is refused to who is not logged in', async () => {
    const socket = (await chat()).connect()
    const [error] = await once(socket, 'error')
    expect(String(error)).toContain('401')
  })

  it('is closed when the session is revoked', async () => {
    const { sessions, browser, connect: open } = await chat()
    await browser.fetch('/login')
    const socket = open()
    await greeting(socket)
    await sessions.revokeAll('ada')
    const [code, reason] = await once(socket, 'close')
    expect([code, String(reason)]).toEqual([4401, 'logged out'])
  })

  it('is closed when the visitor logs out, or in anew', async () => {
    const { browser, connect: open } = await chat()
    for (const path of ['/logout', '/login']) {
      await browser.fetch('/login')
      const socket = open()
      await greeting(socket)
      await browser.fetch(path)
      expect((await once(socket, 'close'))[0]).toBe(4401)
    }
  })

  it('is closed when the session is over by time', async () => {
    const { browser, connect: open, clock } = await chat()
    await browser.fetch('/login')
    const socket = open()
    await greeting(socket)
    clock.advance('61m')
    expect((await once(socket, 'close'))[0]).toBe(4401)
  })

  it('of a page of another site gets an empty session, and one event', async () => {
    const { browser, connect: open, events } = await chat()
    await browser.fetch('/login')
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
      const [error] = await once(open({ Origin: origin }), 'error')
      expect(String(error)).toContain('401')
    }
    expect(events.map(event => event.type === 'origin-foreign' && event.origin)).toEqual([
      'https://evil.example',
      'null',
      'http://127.0.0.1:1',
    ])
  })

  it('of a page that came over plain http is that of another site, where the cookie is Secure', async () => {
    const { sessions, browser } = await chat()
    await browser.fetch('/login')
    const from = (origin: string, host: string) =>
      sessions.ofUpgrade({ headers: { cookie: browser.header('/'), host, origin } })
    expect((await from('https://site.example', 'site.example')).userId).toBe('ada')
    expect((await from('https://site.example', 'site.example:443')).userId).toBe('ada')
    expect((await from('http://site.example', 'site.example')).userId).toBe(null)
    // A developer's own machine.
    for (const host of ['localhost:3000', 'shop.localhost', '127.0.0.1:3000', '[::1]:3000']) {
      expect((await from(`http://${host}`, host)).userId).toBe('ada')
    }
    const open = createSessions<Data>({
      store: memoryStore(),
      cookie: { secure: 'never' },
      onEvent: event => expect.unreachable(event.type),
    })
    await open.ofUpgrade({ headers: { host: 'site.example', origin: 'http://site.example' } })
  })

  it('of a Request is one of the site that its URL names, with no Host', async () => {
    const { sessions, browser } = await chat()
    await browser.fetch('/login')
    const from = (origin: string) =>
      sessions.ofUpgrade(
        new Request('https://site.example/', { headers: { Cookie: browser.header('/'), Origin: origin } }),
      )
    expect((await from('https://site.example')).userId).toBe('ada')
    expect((await from('https://evil.example')).userId).toBe(null)
  })

  it('is opened with a session that travels in a header', async () => {
    const sessions = createSessions<Data>({ store: memoryStore(), transport: header('X-Session') })
    const server = await listen(
      nodeSessions(sessions, async (req, res) => {
        const session = await sessions.of(req)
        session.rotate({ userId: 'ada' })
        res.end()
      }),
    )
    closes.push(() => server.close())
    const users: (string | null)[] = []
    server.server.on('upgrade', async (request, socket) => {
      users.push((await sessions.ofUpgrade(request)).userId)
      socket.destroy()
    })
    const token = (await server.fetch('/')).headers.get('X-Session') ?? ''
    for (const headers of [{ 'X-Session': token }, { 'X-Session': 'none' }]) {
      await once(new WebSocket(`ws://127.0.0.1:${server.port}/`, { headers }), 'error')
    }
    expect(users).toEqual(['ada', null])
  })

  it('of a page of this site, or of one that is named, gets the session', async () => {
    const own = await chat()
    await own.browser.fetch('/login')
    const { host } = new URL(own.connect().url)
    expect(await greeting(own.connect({ Origin: `http://${host}` }))).toBe('Ada')
    const named = await chat({ origins: ['https://app.example'] })
    await named.browser.fetch('/login')
    expect(await greeting(named.connect({ Origin: 'https://app.example' }))).toBe('Ada')
  })
})

describe('a server with WebSockets', () => {
  const handshake = (browser: CookieJar): string =>
    requestText(
      'GET /',
      ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
      ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', `Cookie: ${browser.header('/')}`],
    )

  it('goes on when a client resets the connection while its session is read', async () => {
    const [records, gate] = [memoryStore(), new Gate()]
    const read = (id: string) => gate.pass().then(() => records.read(id))
    const { server, browser } = await chat({}, { ...records, read })
    await browser.fetch('/login')
    const connection = new Promise<Duplex>(resolve => server.server.once('connection', resolve))
    const client = new RawRequest(server.port, handshake(browser))
    const socket = await connection
    await gate.arrived
    // Not once(): that would listen for the error too.
    const closed = new Promise(resolve => socket.on('close', resolve))
    client.reset()
    await closed
    gate.open()
    expect((await server.fetch('/')).status).toBe(200)
  })

  it('goes on when a client sends what is no frame', async () => {
    const { server, browser } = await chat()
    await browser.fetch('/login')
    const client = new RawRequest(server.port, handshake(browser))
    await client.until('Ada')
    client.send(Buffer.from([0xff, 0x00]))
    // Closed for a protocol error, 1002 (RFC 6455 section 7.4.1).
    await client.until(Buffer.from([0x88, 0x02, 0x03, 0xea]))
    expect((await server.fetch('/')).status).toBe(200)
  })
})

describe('the session of an upgrade', () => {
  it('shows what the session holds by now, and cannot be changed', async () => {
    const { browser, connect: open, opened } = await chat()
    await browser.fetch('/login')
    await greeting(open())
    const session = opened[0]
    expect(await session?.hasEnded()).toBe(false)
    const untyped = session as unknown as { set(key: string, value: string): void; destroy(): void; rotate(): void }
    expect(() => untyped.set('name', 'Eve')).toThrow('HEADERS_SENT')
    expect(() => untyped.destroy()).toThrow('HEADERS_SENT')
    expect(() => untyped.rotate()).toThrow('HEADERS_SENT')
    expect(session?.get('name')).toBe('Ada')
    await browser.fetch('/logout')
    expect(await session?.hasEnded()).toBe(true)
    expect([session?.id, session?.userId, session?.get('name')]).toEqual([null, null, undefined])
  })

  it('is not over while the store cannot tell, but when its known end has come', async () => {
    const store = new StoryStore()
    const clock = fakeClock()
    const sessions = createSessions<Data>({ store, clock, idleTimeout: '1h' })
    const handler = nodeSessions(sessions, async (req, res) => {
      const opened = await sessions.of(req)
      opened.set('name', 'Ada')
      res.end()
    })
    const server = await listen(handler)
    closes.push(() => server.close())
    const browser = new CookieJar({ fetch: server.fetch })
    await browser.fetch('/')
    const session = await sessions.ofUpgrade({ headers: { cookie: browser.header('/') } })
    const ended = Promise.withResolvers<void>()
    let asked = 0
    store.breakDown('read')
    session.watch(() => {
      asked = store.calls.length
      ended.resolve()
    }, everyMoment)
    await expect(session.hasEnded()).rejects.toThrow('STORE_FAILED')
    while (store.calls.length < 6) await new Promise(resolve => setImmediate(resolve))
    clock.advance('61m')
    await ended.promise
    expect(asked).toBeGreaterThan(5)
  })

  it('of a visitor without one is empty, is not watched, and costs no call of the store', async () => {
    const store = new StoryStore()
    const session = await createSessions<Data>({ store }).ofUpgrade(new Request('http://localhost'))
    session.watch(() => expect.unreachable(), everyMoment)()
    expect(await session.hasEnded()).toBe(false)
    expect([session.id, session.keys(), store.calls]).toEqual([null, [], []])
  })

  it('takes origins only as browsers spell them', async () => {
    const sessions = createSessions<Data>({ store: memoryStore() })
    const request = { headers: {} }
    await expect(sessions.ofUpgrade(request, { origins: ['app.example/'] })).rejects.toThrow('OPTION_INVALID')
  })
})
