import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { NodeSites, otherRequests, type Respond, request } from '../../test/support/node-site.ts'
import type { RawResponse } from '../../test/support/raw-request.ts'
import { isKeepsakeError } from '../index.ts'
import { StoryStore } from '../testing/adapter-contract/story-store.ts'

const sites = new NodeSites()
afterEach(() => sites.close())

/** What a client gets when the session cannot be saved, while the program goes on with its own answer to the end. */
async function dropped(respond: Respond): Promise<RawResponse> {
  const store = new StoryStore()
  const gate = store.holdBack('create')
  const left = Promise.withResolvers<void>()
  const answering = async (res: ServerResponse): Promise<void> => {
    await respond(res, res.req)
    left.resolve()
  }
  const server = await sites.serveWithSessions(res => void answering(res), store)
  const client = request(server)
  await gate.arrived
  gate.fail(new Error('the store is down'))
  const response = await client.response()
  await left.promise
  await otherRequests(server)
  return response
}

/** That a client gets the error answer, whole, and nothing else. */
function expectErrorAnswer({ status, headers, body }: RawResponse): void {
  expect(status).toBe('HTTP/1.1 503 Service Unavailable')
  expect(body.toString()).toBe('503 Service Unavailable\n')
  expect(headers).toContain('Content-Type: text/plain; charset=utf-8')
  expect(headers).toContain('Retry-After: 1')
  expect(headers.filter(header => header.startsWith('Set-Cookie'))).toEqual([])
}

describe('when the session cannot be saved, the client gets the error answer and nothing of the program that', () => {
  it('sent a page', async () => {
    expectErrorAnswer(await dropped(res => res.end('page')))
  })

  it('sent a head that describes something else', async () => {
    const response = await dropped(res => {
      const head = {
        'Content-Type': 'image/png',
        'Content-Length': 5,
        ETag: '"x"',
        'Content-Encoding': 'gzip',
        'Content-Digest': 'md5=:x:',
        'X-Accel-Redirect': '/protected/page',
      }
      res.writeHead(206, 'Some', { ...head, 'Content-Range': 'bytes 0-4/9', 'Cache-Control': 'public' })
      res.end('12345')
    })
    expectErrorAnswer(response)
    const names = response.headers.map(header => header.slice(0, header.indexOf(':')).toLowerCase())
    expect(names.sort()).toEqual(
      ['connection', 'content-type', 'date', 'retry-after', 'transfer-encoding', 'vary'].sort(),
    )
  })

  it('keeps its headers that hold for every answer', async () => {
    const response = await dropped(res => {
      res.setHeader('Content-Security-Policy', "default-src 'self'")
      res.end('page')
    })
    expect(response.headers).toContain("Content-Security-Policy: default-src 'self'")
  })

  it('pipes a stream', async () => {
    expectErrorAnswer(await dropped(res => Readable.from(ticks(50)).pipe(res)))
  })

  it('uses a pipeline', async () => {
    expectErrorAnswer(await dropped(res => pipeline(Readable.from(ticks(50)), res).catch(() => undefined)))
  })

  it('writes when it is told that it may, and ends', async () => {
    const response = await dropped(async res => {
      for await (const tick of ticks(50)) if (!res.write(tick)) await once(res, 'drain')
      res.end('end')
    })
    expectErrorAnswer(response)
  })

  it('writes without asking whether it may, and ends', async () => {
    const response = await dropped(async res => {
      for await (const tick of ticks(50)) res.write(tick)
      res.end('end')
    })
    expectErrorAnswer(response)
  })

  it('has flushed its headers, and writes much later', async () => {
    const response = await dropped(async res => {
      res.flushHeaders()
      await once(res, 'close')
      res.write('late')
      res.end('end')
    })
    expectErrorAnswer(response)
  })

  it('waits for what it wrote and ended, and learns that it has not left', async () => {
    const told: unknown[] = []
    const tell = (done: () => void) => (error?: unknown) => {
      told.push(isKeepsakeError(error, 'STORE_FAILED'))
      done()
    }
    const response = await dropped(async res => {
      await Promise.all([
        new Promise<void>(done => res.write('page', tell(done))),
        new Promise<void>(done => res.end(tell(done))),
      ])
      await new Promise<void>(done => res.write('late', tell(done)))
      await new Promise<void>(done => res.end('later', tell(done)))
    })
    expectErrorAnswer(response)
    expect(told).toEqual([true, true, true, true])
  })

  it('has trailers', async () => {
    const response = await dropped(res => {
      res.setHeader('Trailer', 'X-Sum')
      res.write('page')
      res.addTrailers({ 'X-Sum': '1' })
      res.end()
    })
    expectErrorAnswer(response)
    expect(response.trailers).toEqual([])
  })

  it('ends twice, and writes after that', async () => {
    const response = await dropped(async res => {
      res.end('one')
      await once(res, 'finish')
      res.end('two')
      res.write('three')
      res.flushHeaders()
    })
    expectErrorAnswer(response)
  })
})

describe('when the session cannot be saved, the status of the error answer', () => {
  it.each([
    { kind: 'tells a layer that watches it', configurable: true },
    { kind: 'tells a layer that watches it, and that cannot be taken away', configurable: false },
  ])('$kind', async ({ configurable }) => {
    const seen: number[] = []
    const response = await dropped(res => {
      let status = 200
      Object.defineProperty(res, 'statusCode', {
        get: () => status,
        set(next: number) {
          seen.push(next)
          status = next
        },
        configurable,
      })
      res.end('page')
    })
    expectErrorAnswer(response)
    expect(seen.at(-1)).toBe(503)
  })
})

/** Some text, part by part, in as many turns of the event loop. */
async function* ticks(count: number): AsyncGenerator<string> {
  for (let n = 0; n < count; n++) {
    yield `tick ${n}\n`
    await new Promise(resolve => setImmediate(resolve))
  }
}
