import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  createServer,
  type Http2ServerResponse,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { expressSessions } from '../../src/adapters/express.ts'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions, type Session } from '../../src/index.ts'
import { eventually } from '../../src/testing/adapter-contract/site.ts'
import { StoryStore } from '../../src/testing/adapter-contract/story-store.ts'
import { codeOf } from '../support/code-of.ts'
import { type Data, frameworks, ways } from './frameworks.ts'
import { answerTo, get, Http2Clients } from './http2-client.ts'
import { counted, frameworkNames, type OpenSite, OpenSites, plain } from './open-sites.ts'

const sites = new OpenSites()
const clients = new Http2Clients()
afterEach(async () => {
  clients.close()
  await sites.close()
})

/** What has arrived of an answer when all that was sent so far has: what came before it comes before the answer to a ping. */
async function arrivedSoFar(client: ClientHttp2Session, stream: ClientHttp2Stream): Promise<string[]> {
  for (let times = 0; times < 3; times++) await new Promise(resolve => client.ping(resolve))
  return arrived.get(stream) ?? []
}

const arrived = new WeakMap<ClientHttp2Stream, string[]>()

/** Sends a request, and notes what comes back. */
function send(client: ClientHttp2Session, path: string, method = 'GET'): ClientHttp2Stream {
  const stream = get(client, path, { ':method': method })
  const events: string[] = []
  arrived.set(stream, events)
  stream.on('headers', headers => events.push(`${headers[':status']} ${headers.link}`))
  stream.on('response', () => events.push('response'))
  return stream
}

const withHttp2 = frameworkNames.filter(name => frameworks[name]?.http2)

describe('over HTTP/2', () => {
  it.each(withHttp2)(
    'a request that does not ask for its session is answered as without it, with %s',
    async framework => {
      const bare = clients.connect((await sites.open(framework, plain, { mounted: 'never', http2: true })).port)
      const mounted = clients.connect((await sites.open(framework, plain, { http2: true })).port)
      for (const way of ways) {
        const [expected, answer] = [await answerTo(get(bare, way)), await answerTo(get(mounted, way))]
        for (const { headers } of [expected, answer]) delete headers.date
        expect([way, Object.entries(answer.headers), answer.body]).toEqual([
          way,
          Object.entries(expected.headers),
          expected.body,
        ])
      }
    },
  )

  /** Asks while the store holds a new session back, and gives what had arrived by then, and then the answer. */
  async function savedFirst({ port, store }: OpenSite, path: string, method?: string) {
    const client = clients.connect(port)
    const gate = store.holdBack('create')
    const stream = send(client, path, method)
    const answer = answerTo(stream)
    await gate.arrived
    const before = [...(await arrivedSoFar(client, stream))]
    gate.open()
    return { before, ...(await answer) }
  }

  it.each(withHttp2)('the session is saved before the answer leaves, whatever it is, with %s', async framework => {
    for (const way of ways.filter(path => path !== '/throw')) {
      for (const method of ['GET', 'HEAD']) {
        const site = await sites.open(framework, counted, { http2: true })
        const { before, headers } = await savedFirst(site, way, method)
        expect([method, way, before]).toEqual([method, way, []])
        expect([way, headers['set-cookie']?.length, headers.vary]).toEqual([way, 1, expect.stringMatching(/cookie/i)])
      }
    }
  })

  it.each(withHttp2.filter(name => frameworks[name]?.hints))(
    'early hints leave, and nothing else, with %s',
    async framework => {
      const site = await sites.open(framework, counted, { http2: true })
      const { before, headers } = await savedFirst(site, '/hints')
      expect(before).toEqual(['103 </style.css>; rel=preload; as=style'])
      expect(headers['set-cookie']?.length).toBe(1)
    },
  )

  it.each(withHttp2)('visitors who share a connection are kept apart, and counted right, with %s', async framework => {
    const client = clients.connect((await sites.open(framework, counted, { http2: true })).port)
    const cookies = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { headers } = await answerTo(get(client, '/text'))
        return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
      }),
    )
    expect(new Set(cookies).size).toBe(10)
    for (const visits of ['2', '3']) {
      const answers = await Promise.all(cookies.map(cookie => answerTo(get(client, '/text', { cookie }))))
      expect(answers.map(({ body }) => body)).toEqual(cookies.map(() => visits))
    }
  })

  it.each(withHttp2)('a session that cannot be saved is answered with 503, and no cookie, with %s', async framework => {
    for (const way of ['/text', '/stream', '/redirect']) {
      const site = await sites.open(framework, counted, { http2: true })
      site.store.breakDown('create')
      const { headers } = await answerTo(get(clients.connect(site.port), way))
      expect([way, headers[':status'], headers['set-cookie'], headers.location]).toEqual([
        way,
        503,
        undefined,
        undefined,
      ])
    }
  })

  /** A server of Node's own, whose handler changes the session first; its answer to one request. */
  async function answerOf(store: StoryStore, respond: (res: ServerResponse, session: Session<Data>) => unknown) {
    const sessions = createSessions<Data>({ store })
    const handler = nodeSessions(sessions, async (req, res) => {
      const session = await sessions.of(req)
      session.set('visits', 1)
      await respond(res, session)
    })
    const server = createServer(handler as never).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const answer = await answerTo(get(clients.connect(port), '/'))
    server.close()
    return answer
  }

  it.each(['saved', 'lost'])('a second head is refused while the first waits for a session that is %s', async end => {
    const store = new StoryStore()
    if (end === 'lost') store.breakDown('create')
    const codes: unknown[] = []
    const { headers, body } = await answerOf(store, res => {
      res.write('first ')
      codes.push(codeOf(() => res.writeHead(201)))
      codes.push(codeOf(() => res.setHeader('Set-Cookie', 'own=1')))
      codes.push(codeOf(() => res.removeHeader('Vary')))
      res.end('last')
    })
    expect(codes).toEqual(Array(3).fill('ERR_HTTP2_HEADERS_SENT'))
    if (end === 'lost') return expect([headers[':status'], headers['set-cookie']]).toEqual([503, undefined])
    expect([headers[':status'], body]).toEqual([200, 'first last'])
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-session=/)])
  })

  it.each(['saved', 'lost'])(
    'an answer that has ended is known to, while it waits for a session that is %s',
    async end => {
      const store = new StoryStore()
      if (end === 'lost') store.breakDown('create')
      const ends: boolean[][] = []
      const { headers, body } = await answerOf(store, res => {
        ends.push([res.writableEnded, res.finished])
        res.end('page')
        ends.push([res.writableEnded, res.finished, !res.writableFinished])
      })
      expect(ends).toEqual([
        [false, false],
        [true, true, true],
      ])
      expect([headers[':status'], body]).toEqual(end === 'lost' ? [503, '503 Service Unavailable\n'] : [200, 'page'])
    },
  )

  it.each([
    { kind: 'has no body', status: 500, answer: (res: ServerResponse) => res.end() },
    { kind: 'has a text', status: 500, answer: (res: ServerResponse) => res.end('come back later') },
    {
      kind: 'sets a status',
      status: 503,
      answer: (res: ServerResponse) => Object.assign(res, { statusCode: 503 }).end(),
    },
    { kind: 'sets a head', status: 503, answer: (res: ServerResponse) => res.writeHead(503).end() },
  ])('an error answer of the program arrives, if it $kind', async ({ answer, status }) => {
    const store = new StoryStore()
    store.breakDown('create')
    const sessions = createSessions<Data>({ store })
    const mount = expressSessions(sessions)
    const handler = async (req: object, res: ServerResponse): Promise<void> => {
      ;(await sessions.of(req)).set('visits', 1)
      res.end('page')
    }
    const server = createServer((req, res) => {
      const [request, response] = [req, res] as unknown as [IncomingMessage, ServerResponse]
      mount(request, response, error => void (error ? answer(response) : handler(req, response)))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const { headers } = await answerTo(get(clients.connect(port), '/'))
    server.close()
    expect([headers[':status'], headers['set-cookie']]).toEqual([status, undefined])
  })

  it('an answer that is dropped while a late change of it waits is answered with the error', async () => {
    const store = new StoryStore()
    store.breakDown('replace')
    const { headers, body } = await answerOf(store, async (res, session) => {
      res.end('page')
      session.set('visits', 2)
    })
    expect([headers[':status'], body]).toEqual([503, '503 Service Unavailable\n'])
  })

  it('what is written after an end that waits for a late change is refused, and breaks the answer off, as without sessions', async () => {
    const codes: unknown[] = []
    const answer = answerOf(new StoryStore(), async (res, session) => {
      await session.commit()
      res.write('first ')
      session.set('visits', 2)
      res.end('last')
      res.write('too late', error => codes.push(error && 'code' in error && error.code))
    })
    await expect(answer).rejects.toThrow('NGHTTP2_INTERNAL_ERROR')
    expect(codes).toEqual(['ERR_STREAM_WRITE_AFTER_END'])
  })

  it('a head that Node refuses only when it leaves is answered as an error, and the session keeps its cookie', async () => {
    const { headers } = await answerOf(new StoryStore(), res => {
      res.setHeader('Transfer-Encoding', 'chunked')
      res.end('page')
    })
    expect([headers[':status'], headers['set-cookie']?.length]).toEqual([500, 1])
  })

  it.each(['just goes', 'has gone'])('what is changed when the client %s is saved', async when => {
    const store = new StoryStore()
    const answer = answerOf(store, async (res, session) => {
      await session.commit()
      res.write('first ')
      const change = (): void => session.set('visits', 2)
      res.once('close', () => (when === 'just goes' ? change() : setImmediate(change)))
      ;(res as unknown as Http2ServerResponse).stream.close(constants.NGHTTP2_CANCEL)
    })
    await answer.catch(() => undefined)
    await eventually(async () => store.calls.at(-1) ?? 'nothing', 'replace')
  })

  it('any view of bytes is a body', async () => {
    const { body } = await answerOf(new StoryStore(), res => {
      res.write(new DataView(new TextEncoder().encode('first ').buffer))
      res.end(new TextEncoder().encode('last'))
    })
    expect(body).toBe('first last')
  })
})
