import { createServer } from 'node:http'
import net from 'node:net'
import express from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { expressSessions } from '../../adapters/express.ts'
import { withSessions } from '../../adapters/fetch.ts'
import { nodeSessions } from '../../adapters/node.ts'
import { createSessions } from '../../create-sessions.ts'
import { memoryStore } from '../../stores/memory.ts'
import { createAuth } from '../create-auth.ts'
import { expressAuth } from '../guards/express.ts'
import { fetchAuth } from '../guards/fetch.ts'
import { argon2id } from '../passwords/formats/argon2.ts'
import { memoryUsers } from '../users/memory-users.ts'

/** What the handlers rejected with: on a plain `node:http` server, each would end the process. */
const rejected: unknown[] = []

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  rejected.length = 0
})

function parts() {
  const sessions = createSessions({ store: memoryStore(), cookie: { secure: false } })
  const auth = createAuth({
    ...{ sessions, users: memoryUsers(), secure: false, secrets: 'p7Qm0Zt1Yx8Rk3Vw5Ns2Jb6Lc9Hd4Gf0' },
    passwords: { hasher: argon2id({ memory: 64, passes: 1, weak: true }) },
    mail: { origin: 'https://app.example.com', send: () => undefined },
  })
  return { sessions, auth }
}

const servers = {
  'node:http': () => {
    const { sessions, auth } = parts()
    const login = expressAuth(auth).login()
    return createServer(
      nodeSessions(sessions, async (req, res) => {
        try {
          if (req.method === 'POST') await login(req, res)
          else res.end(await auth.openPasswordReset(req))
        } catch (error) {
          rejected.push(error)
          res.writeHead(500).end()
        }
      }),
    )
  },
  Express: () => {
    const { sessions, auth } = parts()
    const app = express()
    app.use(expressSessions(sessions))
    app.use((req, res, next) => {
      if (req.method === 'POST') expressAuth(auth).login()(req, res, next)
      else auth.openPasswordReset(req).then(state => res.send(state), next)
    })
    const seen: express.ErrorRequestHandler = (error, _req, res, _next) => {
      rejected.push(error)
      res.sendStatus(500)
    }
    app.use(seen)
    return createServer(app)
  },
}

async function open(make: () => ReturnType<typeof createServer>): Promise<number> {
  const server = make()
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : expect.fail('no port')
}

/** What comes back for bytes as no HTTP client would send them. */
function send(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', data => {
      answer += data
    })
    socket.on('end', () => resolve(answer)).on('error', reject)
  })
}

function request(line: string, type = 'application/x-www-form-urlencoded', body = ''): string {
  const headers = ['Host: a', 'Sec-Fetch-Site: same-origin', 'Accept: text/html', 'Connection: close']
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  return `${[`${line} HTTP/1.1`, ...headers, `Content-Type: ${type}`, length].join('\r\n')}\r\n\r\n${body}`
}

describe.each(Object.entries(servers))('on %s, a stranger who sends garbage', (_name, make) => {
  it.each(['http://x:99999/login', '//', '//x:99999/?next=/'])(
    'as the target, %s, is told that the login is wrong',
    async target => {
      const answer = await send(await open(make), request(`POST ${target}`, undefined, 'username=ada&password=x'))
      expect(rejected).toEqual([])
      expect(answer).toMatch(/^HTTP\/1\.1 401 /)
    },
  )

  it.each(['http://x:99999/reset-password?token=1', '//?token=1'])('opens no link with %s', async target => {
    const answer = await send(await open(make), request(`GET ${target}`))
    expect(rejected).toEqual([])
    expect(answer).toMatch(/invalid$/)
  })

  it.each([
    ['the way back', { next: '/\ud800' }],
    ['a name', { username: `ada\udfff` }],
    ['a name that is cut in the middle of a character', { username: `${'a'.repeat(149)}\u{1f600}` }],
  ])('as %s, text with half a character, gets the login page', async (_what, fields) => {
    const json = JSON.stringify({ username: 'ada', password: 'x', ...fields })
    const answer = await send(await open(make), request('POST /login', 'application/json', json))
    expect(rejected).toEqual([])
    expect(answer).toMatch(/^HTTP\/1\.1 401 .*Wrong name or password/s)
  })

  it('goes away in the middle of a form, and nothing comes of it', async () => {
    const arrived = Promise.withResolvers<void>()
    const over = Promise.withResolvers<void>()
    const port = await open(() => {
      const server = make()
      return server.prependListener('request', (_req, res) => {
        arrived.resolve()
        res.once('finish', over.resolve).once('close', () => setImmediate(over.resolve))
      })
    })
    const socket = net.connect(port, '127.0.0.1')
    socket.write(request('POST /login', undefined, 'username=ada&password=x').slice(0, -5))
    await arrived.promise
    socket.destroy()
    await over.promise
    expect(rejected).toEqual([])
  })
})

describe('on fetch', () => {
  const login = () => {
    const { sessions, auth } = parts()
    return withSessions(sessions, fetchAuth(auth).login())
  }
  const post = (body: ReadableStream<Uint8Array>): Request =>
    new Request('https://site.example/login', {
      ...{ method: 'POST', body, duplex: 'half' },
      headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' },
    })

  it('a body that breaks off is refused', async () => {
    const broken = new ReadableStream<Uint8Array>({ pull: stream => stream.error(new Error('the client went away')) })
    const answer = await login()(post(broken))
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'BODY_INVALID' }])
  })

  it('a body that the program reads itself is a fault of the program', async () => {
    const request = post(new ReadableStream())
    request.body?.getReader()
    await expect(login()(request)).rejects.toThrow(/locked/)
  })
})
