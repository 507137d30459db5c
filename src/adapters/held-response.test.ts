import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { codeOf } from '../../test/support/code-of.ts'
import { NodeSites, otherRequests, type Respond, request } from '../../test/support/node-site.ts'
import { RawRequest, type RawResponse, requestText } from '../../test/support/raw-request.ts'
import { createSessions } from '../create-sessions.ts'
import { eventually } from '../testing/adapter-contract/site.ts'
import { StoryStore } from '../testing/adapter-contract/story-store.ts'
import { nodeSessions } from './node.ts'

const sites = new NodeSites()
afterEach(() => sites.close())

const ours = /^(Set-Cookie: __Host-session=|Vary: Cookie$|Cache-Control: private, no-store$)/

/** The headers that are not ours, in the order of their names: lines of one name stay in theirs. */
function theirs({ headers }: RawResponse): string[] {
  const nameOf = (header: string) => header.slice(0, header.indexOf(':')).toLowerCase()
  return headers
    .filter(header => !ours.test(header) && nameOf(header) !== 'date')
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b)))
}

/**
 * What a client gets of an answer that waits for the session to be saved. Nothing may leave before that; what leaves then is,
 * byte for byte, what leaves without sessions, and what is ours.
 */
async function heldBack(respond: Respond, line = 'GET /'): Promise<RawResponse> {
  const plain = await request(await sites.serve(respond), line).response()
  const store = new StoryStore()
  const gate = store.holdBack('create')
  const server = await sites.serveWithSessions(respond, store)
  const client = request(server, line)
  await gate.arrived
  await otherRequests(server)
  expect(client.received.toString()).toBe('')
  gate.open()
  const response = await client.response()
  expect(response.headers.filter(header => ours.test(header)).length).toBe(3)
  expect(theirs(response)).toEqual(theirs(plain))
  expect(response.status).toBe(plain.status)
  expect(response.body.equals(plain.body)).toBe(true)
  return response
}

describe('no byte leaves before the session is saved, and then all do as without sessions, when it starts with', () => {
  it('writeHead(status)', async () => {
    const { status } = await heldBack(res => res.writeHead(404).end('x'))
    expect(status).toBe('HTTP/1.1 404 Not Found')
  })

  it('writeHead(status, message)', async () => {
    const { status } = await heldBack(res => res.writeHead(200, 'Very Good').end('x'))
    expect(status).toBe('HTTP/1.1 200 Very Good')
  })

  it('writeHead(status, headers), which replace earlier ones', async () => {
    const { headers } = await heldBack(res => {
      res.setHeader('X-Replaced', 'early')
      res.setHeader('X-Early', 'early')
      res.writeHead(201, { 'X-Replaced': 'late', 'Set-Cookie': ['a=1', 'b=2'], 'X-Number': 7 }).end('x')
    })
    expect(headers).toContain('X-Replaced: late')
    expect(headers).toContain('X-Early: early')
    expect(headers).toContain('Set-Cookie: a=1')
    expect(headers).toContain('Set-Cookie: b=2')
    expect(headers).toContain('X-Number: 7')
  })

  it('writeHead(status, message, headers)', async () => {
    const { status, headers } = await heldBack(res => res.writeHead(201, 'Made', { 'X-Own': 'own' }).end('x'))
    expect(status).toBe('HTTP/1.1 201 Made')
    expect(headers).toContain('X-Own: own')
  })

  it('writeHead(status, undefined, headers)', async () => {
    const { headers } = await heldBack(res => res.writeHead(200, undefined, { 'X-Own': 'own' }).end('x'))
    expect(headers).toContain('X-Own: own')
  })

  it('writeHead(status, [name, value, …]), in which names may repeat (CVE-2025-7339)', async () => {
    const { headers } = await heldBack(res =>
      res.writeHead(200, ['Set-Cookie', 'a=1', 'Link', '</a>', 'Set-Cookie', 'b=2', 'Link', '</b>']).end('x'),
    )
    expect(headers.filter(header => header.startsWith('Link: '))).toEqual(['Link: </a>', 'Link: </b>'])
    expect(headers).toContain('Set-Cookie: a=1')
    expect(headers).toContain('Set-Cookie: b=2')
  })

  it('writeHead(status, message, [name, value, …]) over headers of the same name (CVE-2025-7339)', async () => {
    const { headers } = await heldBack(res => {
      res.setHeader('set-cookie', ['early=1', 'early=2'])
      res.setHeader('X-Early', 'early')
      res.writeHead(200, 'OK', ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end('x')
    })
    expect(headers.filter(header => /^set-cookie: early/i.test(header))).toEqual([])
    expect(headers).toContain('X-Early: early')
  })

  it('writeHead(status, [[name, value], …])', async () => {
    const pairs = [
      ['Set-Cookie', 'a=1'],
      ['X-Own', 'own'],
      ['Set-Cookie', 'b=2'],
    ]
    const { headers } = await heldBack(res => res.writeHead(200, pairs as never).end('x'))
    expect(headers).toContain('Set-Cookie: a=1')
    expect(headers).toContain('Set-Cookie: b=2')
    expect(headers).toContain('X-Own: own')
  })

  it('writeHead for a status without a body', async () => {
    const { status, body } = await heldBack(res => res.writeHead(204).end())
    expect(status).toBe('HTTP/1.1 204 No Content')
    expect(body.length).toBe(0)
  })

  it('writeHead with a Content-Length, and writes that fill it', async () => {
    const { body } = await heldBack(res => {
      res.writeHead(200, { 'Content-Length': 6 })
      res.write('abc')
      res.end('def')
    })
    expect(body.toString()).toBe('abcdef')
  })

  it('write(chunk), write(chunk, encoding), write(bytes, callback)', async () => {
    let written = 0
    const { body } = await heldBack(res => {
      written = 0
      res.write('one ')
      res.write('74776f20', 'hex')
      res.write(Buffer.from('three '), () => written++)
      res.write('fünf', 'latin1', () => written++)
      res.end()
    })
    expect(body.toString('latin1')).toBe('one two three fünf')
    expect(written).toBe(2)
  })

  it('end()', async () => {
    const { headers, body } = await heldBack(res => res.end())
    expect(headers).toContain('Content-Length: 0')
    expect(body.length).toBe(0)
  })

  it('end(chunk), whose length the head tells', async () => {
    const { headers, body } = await heldBack(res => res.end('häuser'))
    expect(headers).toContain('Content-Length: 7')
    expect(body.toString()).toBe('häuser')
  })

  it('end(callback), end(chunk, callback) and end(chunk, encoding, callback)', async () => {
    let ended = 0
    const forms: Respond[] = [
      res => res.end(() => ended++),
      res => res.end('x', () => ended++),
      res => res.end('78', 'hex', () => ended++),
    ]
    const bodies: string[] = []
    for (const form of forms) bodies.push((await heldBack(form)).body.toString())
    expect(ended).toBe(2 * forms.length)
    expect(bodies).toEqual(['', 'x', 'x'])
  })

  it('flushHeaders()', async () => {
    const { headers, body } = await heldBack(res => {
      res.setHeader('Content-Type', 'text/event-stream')
      res.flushHeaders()
      res.flushHeaders()
      res.end('data: x\n\n')
    })
    expect(headers).toContain('Content-Type: text/event-stream')
    expect(body.toString()).toBe('data: x\n\n')
  })

  it('an implicit header of statusCode, statusMessage and setHeader', async () => {
    const { status, headers } = await heldBack(res => {
      res.statusCode = 402
      res.statusMessage = 'Pay First'
      res.setHeader('X-Own', ['one', 'two'])
      res.end('x')
    })
    expect(status).toBe('HTTP/1.1 402 Pay First')
    expect(headers.filter(header => header.startsWith('X-Own: '))).toEqual(['X-Own: one', 'X-Own: two'])
  })

  it('anything, in an answer to HEAD', async () => {
    const { body } = await heldBack(res => {
      res.writeHead(200, { 'Content-Length': 3 })
      res.write('abc')
      res.end()
    }, 'HEAD /')
    expect(body.length).toBe(0)
  })

  it('a body that has trailers', async () => {
    const { headers } = await heldBack(res => {
      res.setHeader('Trailer', 'X-Sum')
      res.write('x')
      res.addTrailers({ 'X-Sum': '1' })
      res.end()
    })
    expect(headers).toContain('Trailer: X-Sum')
  })

  it('writes between cork() and uncork()', async () => {
    const { body } = await heldBack(res => {
      res.cork()
      res.write('one ')
      res.write('two')
      res.uncork()
      res.end()
    })
    expect(body.toString()).toBe('one two')
  })
})

describe('a big body', () => {
  const directory = mkdtempSync(join(tmpdir(), 'keepsake-held-'))
  const file = join(directory, 'big')
  const content = randomBytes(5_000_000)
  writeFileSync(file, content)
  afterAll(() => rmSync(directory, { recursive: true }))

  it('is piped whole', async () => {
    const { body } = await heldBack(res => createReadStream(file).pipe(res))
    expect(body.equals(content)).toBe(true)
  })

  it('comes through a pipeline whole', async () => {
    const { body } = await heldBack(res => pipeline(createReadStream(file), res))
    expect(body.equals(content)).toBe(true)
  })

  it('is not read into memory while the session is saved', async () => {
    const store = new StoryStore()
    const gate = store.holdBack('create')
    let read = 0
    const server = await sites.serveWithSessions(res => {
      const stream = createReadStream(file)
      stream.on('data', chunk => {
        read += chunk.length
      })
      stream.pipe(res)
    }, store)
    const client = request(server)
    await gate.arrived
    await otherRequests(server)
    expect(read).toBeLessThan(200_000)
    gate.open()
    expect((await client.response()).body.equals(content)).toBe(true)
  })

  it('is not read faster than a slow client takes it', async () => {
    let read = 0
    const endless = function* (): Generator<Buffer> {
      for (;;) {
        read += content.length
        yield content
      }
    }
    const server = await sites.serveWithSessions(res => Readable.from(endless()).pipe(res))
    const client = request(server)
    await client.until('HTTP/1.1 200')
    client.pause()
    // The buffers on the way fill up; then nothing more is read.
    for (let before = -1; before !== read; await otherRequests(server)) before = read
    expect(read).toBeLessThan(20 * content.length)
    client.leave()
  })
})

describe('while a response is held back', () => {
  it('it looks sent, as to headers', async () => {
    const codes: unknown[] = []
    const response = await heldBack(res => {
      expect(res.headersSent).toBe(false)
      res.writeHead(200, { 'X-Own': 'own' })
      expect(res.headersSent).toBe(true)
      codes.push(codeOf(() => res.setHeader('X-Late', 'late')))
      codes.push(codeOf(() => res.removeHeader('X-Own')))
      codes.push(codeOf(() => res.writeHead(500)))
      res.end('x')
    })
    expect(new Set(codes)).toEqual(new Set(['ERR_HTTP_HEADERS_SENT']))
    expect(response.status).toBe('HTTP/1.1 200 OK')
  })

  it('a change of its status comes too late', async () => {
    const { status } = await heldBack(res => {
      res.end('x')
      res.statusCode = 500
      res.statusMessage = 'Too Late'
    })
    expect(status).toBe('HTTP/1.1 200 OK')
  })

  it('write tells to wait, and drain tells to go on', async () => {
    const free: boolean[] = []
    const { body } = await heldBack(res => {
      free.push(res.write('first '))
      // Without sessions there is nothing to wait for.
      if (free.at(-1)) res.end('second')
      else res.once('drain', () => res.end('second'))
    })
    expect(body.toString()).toBe('first second')
    expect(free).toEqual([true, false])
  })

  it('early hints leave at once', async () => {
    const store = new StoryStore()
    const gate = store.holdBack('create')
    const server = await sites.serveWithSessions(res => {
      res.writeEarlyHints({ link: '</style.css>; rel=preload' })
      res.end('x')
    }, store)
    const client = request(server)
    await gate.arrived
    await client.until('103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n')
    expect(client.received.toString()).not.toContain('200')
    gate.open()
    expect((await client.response()).body.toString()).toBe('x')
  })

  it('another request on the same connection waits for its turn', async () => {
    const store = new StoryStore()
    const gate = store.holdBack('create')
    const server = await sites.serveWithSessions(res => res.end('first'), store)
    const both = requestText('GET /') + requestText('GET /plain', 'Connection: close')
    const client = new RawRequest(server.port, both)
    await gate.arrived
    await otherRequests(server)
    expect(client.received.toString()).toBe('')
    gate.open()
    await client.response()
    expect(client.received.toString()).toMatch(/first[\s\S]*plain$/)
  })

  // As libraries for unit tests make them.
  it('a response that is made up for a test is held back like a real one', async () => {
    const store = new StoryStore()
    const gate = store.holdBack('create')
    const sessions = createSessions<{ name: string }>({ store })
    const headers = new Map<string, unknown>()
    let sent = ''
    const res = Object.assign(new EventEmitter(), {
      ...{ headersSent: false, writableEnded: false, destroyed: false, statusCode: 200, statusMessage: '' },
      getHeader: (name: string) => headers.get(name.toLowerCase()),
      getHeaderNames: () => [...headers.keys()],
      hasHeader: (name: string) => headers.has(name.toLowerCase()),
      setHeader: (name: string, value: unknown) => headers.set(name.toLowerCase(), value),
      removeHeader: (name: string) => headers.delete(name.toLowerCase()),
      ...{ writeHead: () => undefined, flushHeaders: () => undefined, write: () => true },
      end(text: string): void {
        sent = text
      },
    })
    const req = { method: 'GET', url: '/', headers: {}, socket: {} }
    const done = nodeSessions(sessions, async (request, response) => {
      ;(await sessions.of(request)).set('name', 'ada')
      response.end('hello')
    })(req as never, res as never)
    await gate.arrived
    expect([sent, res.headersSent]).toEqual(['', true])
    gate.open()
    await done
    await eventually(async () => sent, 'hello')
    expect(headers.has('set-cookie')).toBe(true)
  })

  it('a client that goes away ends nothing but its own answer', async () => {
    const store = new StoryStore()
    const gate = store.holdBack('create')
    const closed = Promise.withResolvers<void>()
    const server = await sites.serveWithSessions(res => {
      res.once('close', closed.resolve)
      res.write('first')
      res.end('last')
    }, store)
    const client = request(server)
    await gate.arrived
    client.leave()
    await closed.promise
    gate.open()
    await otherRequests(server)
  })
})

describe('the end of a response whose session changed after the headers left', () => {
  /** A stream that changes a stored session when its headers have left, and how far it has come when that is being saved. */
  async function late(finish: Respond) {
    const store = new StoryStore()
    const sessions = createSessions<{ name: string }>({ store, onEvent: () => undefined })
    const handler = nodeSessions(sessions, async (req, res) => {
      const session = await sessions.of(req)
      session.set('name', 'ada')
      await session.commit()
      res.write('first ')
      await headersLeft.promise
      session.set('name', 'late')
      finish(res, req)
    })
    const headersLeft = Promise.withResolvers<void>()
    const gate = store.holdBack('replace')
    const server = await sites.serve((res, req) => handler(req, res))
    const client = request(server)
    await client.until('first ')
    headersLeft.resolve()
    await gate.arrived
    await otherRequests(server)
    expect(client.received.toString()).not.toContain('0\r\n\r\n')
    return { client, gate, server }
  }

  it('waits until that is saved', async () => {
    const { client, gate } = await late(res => res.end('last'))
    expect(client.received.toString()).not.toContain('last')
    gate.open()
    expect((await client.response()).body.toString()).toBe('first last')
  })

  it('waits once, also when the program ends twice', async () => {
    const { client, gate } = await late(res => res.end('last').end())
    gate.open()
    expect((await client.response()).body.toString()).toBe('first last')
  })

  it('breaks off when that cannot be saved, so that the client does not take it for done', async () => {
    const { client, gate, server } = await late(res => res.end('last'))
    gate.fail(new Error('the store is down'))
    await expect(client.response()).rejects.toThrow('the body breaks off')
    await otherRequests(server)
  })

  it('does not come, but the change is saved, when the client goes away first', async () => {
    const store = new StoryStore()
    const sessions = createSessions<{ name: string }>({ store })
    const leaving = Promise.withResolvers<void>()
    const changed = Promise.withResolvers<string>()
    const handler = nodeSessions(sessions, async (req, res) => {
      const session = await sessions.of(req)
      session.set('name', 'ada')
      await session.commit()
      res.write('first ')
      await leaving.promise
      if (!res.destroyed) await once(res, 'close')
      session.set('name', 'late')
      changed.resolve(session.id ?? '')
    })
    const gate = store.holdBack('replace')
    const server = await sites.serve((res, req) => handler(req, res))
    const client = request(server)
    await client.until('first ')
    client.leave()
    leaving.resolve()
    const id = await changed.promise
    await gate.arrived
    gate.open()
    await eventually(async () => {
      await otherRequests(server)
      return /ada|late/.exec((await store.read(id))?.payload ?? '')?.[0] ?? 'nothing'
    }, 'late')
  })
})

describe('a head that Node refuses only when it leaves', () => {
  it('is answered as an error, and the saved session keeps its cookie', async () => {
    const store = new StoryStore()
    const told: string[] = []
    const server = await sites.serveWithSessions(res => {
      res.setHeader('Trailer', 'X-Sum')
      res.setHeader('Content-Length', 4)
      res.end('page', (error?: unknown) => told.push(`${error}`))
    }, store)
    const { status, headers, body } = await request(server).response()
    expect(told).toEqual([expect.stringMatching('Trailers are invalid')])
    expect([status, body.toString()]).toEqual(['HTTP/1.1 500 Internal Server Error', '500 Internal Server Error\n'])
    expect(headers.filter(header => ours.test(header)).length).toBe(3)
    expect(store.calls).toEqual(['create'])
  })
})

describe('what Node refuses at the call is refused at the call, in the same words', () => {
  /** What a call throws, and what a client then gets of a handler that answers 500 for it. */
  async function refusal(call: (res: ServerResponse) => unknown): Promise<unknown> {
    const messages: string[] = []
    const response = await heldBack(res => {
      try {
        call(res)
      } catch (error) {
        messages.push(`${error}`)
        Object.assign(res, { statusCode: 404, statusMessage: '' }).end('caught')
      }
    })
    expect(response.body.toString()).toBe('caught')
    expect(messages.length).toBe(2)
    expect(messages[1]).toBe(messages[0])
    return messages[1]
  }

  it('a status that is none', async () => {
    expect(await refusal(res => res.writeHead(99))).toMatch('Invalid status code: 99')
    expect(await refusal(res => res.writeHead(1000, 'Much'))).toMatch('Invalid status code: 1000')
    expect(await refusal(res => res.writeHead('abc' as never))).toMatch('Invalid status code: abc')
  })

  it('a status that is none, in an implicit header', async () => {
    const start: Respond[] = [res => res.end('x'), res => res.write('x'), res => res.flushHeaders()]
    for (const begin of start) {
      const refused = await refusal(res => begin(Object.assign(res, { statusCode: 0 }), res.req))
      expect(refused).toMatch('Invalid status code: 0')
    }
  })

  it('a reason phrase with a line break', async () => {
    expect(await refusal(res => res.writeHead(200, 'Fine\r\nX: y'))).toMatch('Invalid character in statusMessage')
    const implicit = await refusal(res => Object.assign(res, { statusMessage: 'a\nb' }).end('x'))
    expect(implicit).toMatch('Invalid character in statusMessage')
  })

  it('header names and values that would break the head', async () => {
    expect(await refusal(res => res.writeHead(200, { 'bad name': 'x' }))).toMatch('must be a valid HTTP token')
    expect(await refusal(res => res.writeHead(200, { 'X-Bad': 'a\r\nb' }))).toMatch('Invalid character in header')
    expect(await refusal(res => res.writeHead(200, ['X-Bad', 'a\r\nb']))).toMatch('Invalid character in header')
    expect(await refusal(res => res.writeHead(200, { 'X-Bad': undefined }))).toMatch('Invalid value "undefined"')
  })

  it('and leaves nothing of a head that was refused for one of its headers', async () => {
    const bad = { 'Content-Length': 4, 'Content-Encoding': 'gzip', 'X-Bad': 'a\nb' }
    for (const fields of [bad, Object.entries(bad).flat()]) {
      const server = await sites.serveWithSessions(res => {
        expect(codeOf(() => res.writeHead(200, fields))).toBe('ERR_INVALID_CHAR')
        res.end('a longer body')
      })
      const { headers, body } = await request(server).response()
      expect(headers).not.toContain('Content-Encoding: gzip')
      expect(body.toString()).toBe('a longer body')
    }
  })

  it('a list of headers with a name and no value', async () => {
    expect(await refusal(res => res.writeHead(200, ['X-One', '1', 'X-Two']))).toMatch('is invalid')
    const early = (res: ServerResponse) => res.setHeader('X-Early', '1').writeHead(200, ['X-One', '1', 'X-Two'])
    expect(await refusal(early)).toMatch('is invalid')
  })

  it('a body that is neither text nor bytes', async () => {
    expect(await refusal(res => res.write(null))).toMatch('May not write null values')
    expect(await refusal(res => res.write(5 as never))).toMatch('must be of type string')
    expect(await refusal(res => res.end({} as never))).toMatch('must be of type string')
  })
})
