import { Server } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { afterEach, describe, expect, it } from 'vitest'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions } from '../../src/index.ts'
import { memoryStore } from '../../src/stores/memory.ts'
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
async function chat() {
  const sessions = createSessions<Data>({ store: memoryStore() })
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
  site.use(async (socket, next) => {
    try {
      const session = await sessions.ofUpgrade(socket.request)
      if (!session.userId) return next(new Error('not logged in'))
      socket.on(
        'disconnect',
        session.watch(() => socket.disconnect(true), { every: '2ms' }),
      )
      socket.emit('hello', session.get('name'))
      next()
    } catch (error) {
      next(error instanceof Error ? error : new Error(String(error)))
    }
  })
  closes.push(() => site.close())
  return { browser: new CookieJar({ fetch: server.fetch }), url: `http://127.0.0.1:${server.port}` }
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
    const { browser, url } = await chat()
    await browser.fetch('/login')
    const socket = open(url, browser, transport)
    expect(await heard(socket, 'hello')).toBe('Ada')
    const closed = heard(socket, 'disconnect')
    await browser.fetch('/logout')
    expect(await closed).toBe('io server disconnect')
  })
})
