import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { createGzip, gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { codeOf } from '../../test/support/code-of.ts'
import { NodeSites, otherRequests, type Respond, request } from '../../test/support/node-site.ts'
import type { RawResponse } from '../../test/support/raw-request.ts'
import { createSessions } from '../create-sessions.ts'
import { memoryStore } from '../stores/memory.ts'
import { StoryStore } from '../testing/adapter-contract/story-store.ts'
import { nodeSessions } from './node.ts'

const sites = new NodeSites()
afterEach(() => sites.close())

/** Middleware such as `compression`: puts its own calls in the place of the response's, and gzips what they get. */
function compress(res: ServerResponse): void {
  const { writeHead, write, end } = res
  const gzip = createGzip()
  gzip.on('data', chunk => write.call(res, chunk, 'utf8') || gzip.pause())
  gzip.on('end', () => end.call(res, undefined, 'utf8'))
  res.on('drain', () => gzip.resume())
  let started = false
  const begin = (): void => {
    if (!res.headersSent) res.writeHead(res.statusCode)
  }
  Object.assign(res, {
    writeHead(...args: Parameters<typeof res.writeHead>) {
      if (!started) res.setHeader('Content-Encoding', 'gzip').removeHeader('Content-Length')
      started = true
      return writeHead.apply(res, args)
    },
    write(chunk: string | Buffer) {
      begin()
      return gzip.write(chunk)
    },
    end(chunk?: string | Buffer) {
      begin()
      gzip.end(chunk)
      return res
    },
  })
}

/** A server with compression that was there before the session was asked for, or came after it. */
function serve(when: 'before' | 'after', respond: Respond, store: StoryStore) {
  const sessions = createSessions<{ name: string }>({ store })
  const handler = nodeSessions(sessions, async (req, res) => {
    const session = await sessions.of(req)
    session.set('name', 'ada')
    if (when === 'after') compress(res)
    await respond(res, req)
  })
  return sites.serve((res, req) => {
    if (when === 'before') compress(res)
    return handler(req, res)
  })
}

/** What a client gets of a compressed answer, and that nothing of it came before the session was saved. */
async function compressed(when: 'before' | 'after', respond: Respond): Promise<string> {
  const store = new StoryStore()
  const gate = store.holdBack('create')
  const server = await serve(when, respond, store)
  const client = request(server)
  await gate.arrived
  await otherRequests(server)
  expect(client.received.toString()).toBe('')
  gate.open()
  const { status, headers, body } = await client.response()
  expect(status).toBe('HTTP/1.1 200 OK')
  expect(headers).toContain('Content-Encoding: gzip')
  expect(headers.filter(header => header.startsWith('Set-Cookie: __Host-session=')).length).toBe(1)
  return gunzipSync(body).toString('latin1')
}

async function compressedWhileDown(when: 'before' | 'after', respond: Respond): Promise<RawResponse> {
  const store = new StoryStore()
  store.breakDown('create')
  const response = await request(await serve(when, respond, store)).response()
  expect(response.status).toBe('HTTP/1.1 503 Service Unavailable')
  return response
}

const big = randomBytes(3_000_000)
const piped: Respond = res => Readable.from([big]).pipe(res)
const page: Respond = res => {
  res.setHeader('Content-Type', 'text/plain')
  res.write('one ')
  res.end('two')
}

describe('middleware that patches the response, such as compression', () => {
  it('works below the sessions', async () => {
    expect(await compressed('before', page)).toBe('one two')
    expect(await compressed('before', res => res.writeHead(200, { 'Content-Length': 4 }).end('page'))).toBe('page')
    expect(await compressed('before', piped)).toBe(big.toString('latin1'))
  })

  it('works above the sessions', async () => {
    expect(await compressed('after', page)).toBe('one two')
    expect(await compressed('after', res => res.writeHead(200, { 'Content-Length': 4 }).end('page'))).toBe('page')
    expect(await compressed('after', piped)).toBe(big.toString('latin1'))
  })

  it('below the sessions, also patches the error answer', async () => {
    for (const respond of [page, piped]) {
      const { headers, body } = await compressedWhileDown('before', respond)
      expect(headers).toContain('Content-Encoding: gzip')
      expect(gunzipSync(body).toString()).toBe('503 Service Unavailable\n')
    }
  })

  it('above the sessions, is in the middle of the dropped answer, and does not spoil the error answer', async () => {
    for (const respond of [page, piped]) {
      const { headers, body } = await compressedWhileDown('after', respond)
      expect(headers).not.toContain('Content-Encoding: gzip')
      expect(body.toString()).toBe('503 Service Unavailable\n')
    }
  })
})

describe('middleware that patches the response, below the sessions, and a head made of what the session says', () => {
  /** JavaScript takes the middleware's function before the session is opened, so that the head comes up through it. */
  async function answer(store: StoryStore): Promise<RawResponse> {
    const sessions = createSessions<{ name: string }>({ store })
    const handler = nodeSessions(sessions, async (req, res) => {
      compress(res)
      const name = async (): Promise<string> => {
        const session = await sessions.of(req)
        session.set('name', 'ada')
        return session.get('name', '')
      }
      res.writeHead(200, { 'X-Name': await name() })
      res.end('page')
    })
    return request(await sites.serve((res, req) => handler(req, res))).response()
  }

  it('is sent once the session is saved', async () => {
    const { headers, body } = await answer(new StoryStore())
    expect(headers).toContain('X-Name: ada')
    expect(headers.filter(header => header.startsWith('Set-Cookie: __Host-session='))).toHaveLength(1)
    expect(gunzipSync(body).toString()).toBe('page')
  })

  it('breaks off when the session cannot be saved: the error answer would come out as the middleware has begun', async () => {
    const store = new StoryStore()
    store.breakDown('create')
    await expect(answer(store)).rejects.toThrow()
  })
})

describe('the headers of the program', () => {
  it('do not change in its own hands: a list of cookies that is a constant gets no visitor’s', async () => {
    const constant = ['theme=dark']
    const starts: Respond[] = [
      res => res.setHeader('Set-Cookie', constant).end('x'),
      res => res.writeHead(200, { 'Set-Cookie': constant }).end('x'),
      res => res.writeHead(200, ['Set-Cookie', constant as never, 'Set-Cookie', 'lang=eo']).end('x'),
    ]
    for (const start of starts) {
      const server = await sites.serveWithSessions(start)
      for (let visit = 0; visit < 3; visit++) {
        const { headers } = await request(server).response()
        const cookies = headers.filter(header => header.startsWith('Set-Cookie: '))
        expect(cookies.filter(cookie => cookie.includes('__Host-session')).length).toBe(1)
        expect(cookies).toContain('Set-Cookie: theme=dark')
      }
      expect(constant).toEqual(['theme=dark'])
    }
  })
})

describe('two kinds of sessions on one site', () => {
  it('are both saved before the answer leaves, each under its cookie', async () => {
    const [store, staffStore] = [new StoryStore(), new StoryStore()]
    // Who was asked for last is saved first.
    const gates = [staffStore.holdBack('create'), store.holdBack('create')]
    const { server } = await serveBoth(store, staffStore)
    const client = request(server)
    for (const gate of gates) {
      await gate.arrived
      await otherRequests(server)
      expect(client.received.toString()).toBe('')
      gate.open()
    }
    const { headers, body } = await client.response()
    const cookies = headers.filter(header => header.startsWith('Set-Cookie: '))
    expect(cookies.map(cookie => cookie.slice(12, cookie.indexOf('='))).sort()).toEqual([
      '__Host-session',
      '__Host-staff',
    ])
    expect(headers.filter(header => header.startsWith('Vary: '))).toEqual(['Vary: Cookie'])
    expect(body.toString()).toBe('both')
  })

  it('fail together when one of them cannot be saved', async () => {
    for (const broken of [0, 1]) {
      const stores = [new StoryStore(), new StoryStore()] as const
      stores[broken]?.breakDown('create')
      const { server } = await serveBoth(...stores)
      const { status, body } = await request(server).response()
      expect(status).toBe('HTTP/1.1 503 Service Unavailable')
      expect(body.toString()).toBe('503 Service Unavailable\n')
    }
  })

  it('wait for the one that is still being saved, also with an end that was taken before either was asked for', async () => {
    const store = new StoryStore()
    const gate = store.holdBack('create')
    const sessions = createSessions<{ name: string }>({ store })
    const staff = createSessions<{ name: string }>({ store: memoryStore(), cookie: { name: '__Host-staff' } })
    const page = async (res: ServerResponse): Promise<string> => {
      const [session, staffSession] = [await sessions.of(res.req), await staff.of(res.req)]
      session.set('name', 'ada')
      res.write('top ')
      return staffSession.get('name', 'nobody')
    }
    const inner = nodeSessions(staff, async (_, res) => void res.end(await page(res)))
    const outer = nodeSessions(sessions, inner)
    const server = await sites.serve((res, req) => outer(req, res))
    const client = request(server)
    await gate.arrived
    await otherRequests(server)
    expect(client.received.toString()).toBe('')
    gate.open()
    const { headers, body } = await client.response()
    expect(headers.filter(header => header.startsWith('Set-Cookie: __Host-session'))).toHaveLength(1)
    expect(body.toString()).toBe('top nobody')
  })

  async function serveBoth(store: StoryStore, staffStore: StoryStore) {
    const sessions = createSessions<{ name: string }>({ store })
    const staff = createSessions<{ name: string }>({ store: staffStore, cookie: { name: '__Host-staff' } })
    const inner = nodeSessions(staff, async (req, res) => {
      for (const session of [await sessions.of(req), await staff.of(req)]) session.set('name', 'ada')
      res.end('both')
    })
    const outer = nodeSessions(sessions, inner)
    return { server: await sites.serve((res, req) => outer(req, res)) }
  }
})

describe('a handler that fails after the headers have left', () => {
  it('because the session ended meanwhile: the answer breaks off, and the server goes on', async () => {
    const sessions = createSessions<{ name: string }>({ store: memoryStore() })
    const handler = nodeSessions(sessions, async (req, res) => {
      const session = await sessions.of(req)
      if (req.url === '/begin') session.set('name', 'ada')
      if (req.url === '/begin') return res.end('begun')
      res.write('first ')
      await sessions.revoke(session.id ?? '')
      session.set('name', 'late')
      await session.commit()
      return res.end('last')
    })
    const server = await sites.serve((res, req) => handler(req, res))
    const begun = await server.fetch('/begin')
    const [cookie = ''] = begun.headers.getSetCookie()
    const late = server.fetch('/stream', { headers: { Cookie: cookie.split(';')[0] ?? '' } })
    await expect(late.then(response => response.text())).rejects.toThrow('terminated')
    await otherRequests(server)
  })
})

describe('middleware that waits for the head to leave', () => {
  it('is not woken by a second head, which is refused while the first is held back', async () => {
    const codes: unknown[] = []
    const sessions = createSessions<{ name: string }>({ store: new StoryStore() })
    const handler = nodeSessions(sessions, async (req, res) => {
      ;(await sessions.of(req)).set('name', 'ada')
      res.write('x')
      codes.push(codeOf(() => res.writeHead(404)))
      res.end()
    })
    const server = await sites.serve((res, req) => {
      const { writeHead } = res
      let woken = false
      res.writeHead = (...args: unknown[]): ServerResponse => {
        if (!woken) {
          woken = true
          res.setHeader('X-Late', 'yes')
        }
        return writeHead.apply(res, args as never)
      }
      return handler(req, res)
    })
    const { headers } = await request(server).response()
    expect(codes).toEqual(['ERR_HTTP_HEADERS_SENT'])
    expect(headers).toContain('X-Late: yes')
  })
})
