import { Server } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { afterEach, describe, expect, it } from 'vitest'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions, type UpgradeSession } from '../../src/index.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { Gate } from '../../src/testing/adapter-contract/gate.ts'
import { CookieJar } from '../../src/testing/cookie-jar.ts'
import { listen } from '../support/listen.ts'

interface Data {
  name: string
}

const closes: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close()
})

/** The recipe of docs/websockets.md, on a site where one can log in and out. */
async function chat(store = memoryStore()) {
  const sessions = createSessions<Data>({ store })
  const server = await listen(
    nodeSessions(sessions, async (req, res) => {
      const session = await sessions.of(req)
      if (req.url === '/login') session.rotate({ userId: 'ada' })
      if (req.url === '/login') session.set('name', 'Ada')
      if (req.url === '/logout') session.destroy()
      res.end('done')
    }),
  )
  const site = new Server(server.server)
  const watched = new Set<{ readonly id: string }>()
  site.use(async (socket, next) => {
    try {
      const session = await sessions.ofUpgrade(socket.request)
      if (!session.userId) return next(new Error('not logged in'))
      socket.data.session = session
      next()
    } catch (error) {
      next(error instanceof Error ? error : new Error(String(error)))
    }
  })
  site.on('connection', socket => {
    const session: UpgradeSession<Data> = socket.data.session
    const stop = session.watch(() => socket.disconnect(true), { every: '2ms' })
    watched.add(socket)
    socket.on('disconnect', () => {
      stop()
      watched.delete(socket)
    })
    socket.emit('hello', session.get('name'))
  })
  closes.push(() => site.close())
  const browser = new CookieJar({ fetch: server.fetch })
  return { site, browser, watched, url: `http://127.0.0.1:${server.port}` }
}

function open(url: string, browser: CookieJar, transport: 'websocket' | 'polling'): Socket {
  const extraHeaders = { Cookie: browser.header('/') }
  const socket = io(url, { transports: [transport], extraHeaders, reconnection: false, forceNew: true })
  closes.push(() => socket.close())
  return socket
}

const heard = (socket: Socket, event: string): Promise<unknown> => new Promise(resolve => socket.once(event, resolve))

describe.each(['websocket', 'polling'] as const)('a socket of Socket.IO, over %s', transport => {
  it('is refused to whoever is not logged in', async () => {
    const { browser, url } = await chat()
    const error = await heard(open(url, browser, transport), 'connect_error')
    expect(String(error)).toContain('not logged in')
  })

  it('knows who is logged in, and is closed when they log out elsewhere', async () => {
    const { browser, url, watched } = await chat()
    await browser.fetch('/login')
    const socket = open(url, browser, transport)
    expect(await heard(socket, 'hello')).toBe('Ada')
    const closed = heard(socket, 'disconnect')
    await browser.fetch('/logout')
    expect(await closed).toBe('io server disconnect')
    expect(watched.size).toBe(0)
  })

  it('that is gone before its session was read is not watched', async () => {
    const [records, gate] = [memoryStore(), new Gate()]
    const read = (id: string) => gate.pass().then(() => records.read(id))
    const { site, browser, url, watched } = await chat({ ...records, read })
    await browser.fetch('/login')
    const gone = new Promise<void>(resolve =>
      site.engine.once('connection', connection => connection.on('close', () => resolve())),
    )
    const client = open(url, browser, transport)
    await gate.arrived
    client.io.engine.close()
    await gone
    gate.open()
    const other = open(url, browser, transport)
    await heard(other, 'hello')
    expect([...watched].map(({ id }) => id)).toEqual([other.id])
  })
})
