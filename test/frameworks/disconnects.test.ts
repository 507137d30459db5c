import { randomInt } from 'node:crypto'
import { constants } from 'node:http2'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Sessions } from '../../src/index.ts'
import { RawRequest, requestText } from '../support/raw-request.ts'
import { type Data, frameworks } from './frameworks.ts'
import { answerTo, get, Http2Clients } from './http2-client.ts'
import { counted, frameworkNames, OpenSites } from './open-sites.ts'

const sites = new OpenSites()
const clients = new Http2Clients()
const rejections: unknown[] = []
const note = (reason: unknown): void => void rejections.push(reason)
process.on('unhandledRejection', note)
process.on('uncaughtException', note)

afterEach(async () => {
  clients.close()
  await sites.close()
  expect(rejections.splice(0)).toEqual([])
})

const seed = Number(process.env.KEEPSAKE_SEED ?? randomInt(2 ** 31))

/** Numbers from 0 to 1 that a seed gives again (a linear congruential generator, Numerical Recipes). */
function randomFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const paths = ['/text', '/json', '/redirect', '/stream', '/file', '/empty'] as const

/** Reads what a client uploads, however a framework hands that over. */
async function readUpload(request: object): Promise<void> {
  const { req = request } = request as { req?: object }
  const { raw = req } = req as { raw?: object }
  if (raw instanceof Request) await raw.text()
  // Fastify has read it before.
  else if (raw instanceof Readable && !raw.readableEnded) await text(raw)
}

/** Pages that count visits, and read what is uploaded to them. */
class Counting {
  #begun = 0
  #done = 0
  /** How many visits were counted, whether or not somebody was told. */
  counts = 0

  readonly page = async (request: object, sessions: Sessions<Data>): Promise<string> => {
    this.#begun++
    try {
      const shown = await counted(request, sessions)
      await readUpload(request)
      this.counts++
      return shown
    } finally {
      this.#done++
    }
  }

  get isAtRest(): boolean {
    return this.#begun === this.#done
  }
}

/** That the sessions are whole when the clients are gone; `visit` is one more visit, and tells its number. */
async function expectWhole(counting: Counting, visit: () => Promise<number>): Promise<void> {
  // Whoever is still under way is done when this has had its turn.
  let visits = await visit()
  while (!counting.isAtRest) visits = await visit()
  expect(counting.counts).toBeGreaterThan(3)
  // A visit that nobody was told of may be counted or not; none is counted twice, and none that was told is lost.
  expect(visits).toBeLessThanOrEqual(counting.counts)
  expect(await visit()).toBe(visits + 1)
}

describe(`clients that go away at any moment (seed ${seed})`, () => {
  it.each(frameworkNames)('leave their sessions whole, and disturb nobody, with %s', async framework => {
    const random = randomFrom(seed)
    const counting = new Counting()
    const site = await sites.open(framework, counting.page)
    const first = await new RawRequest(site.port, requestText('GET /text', 'Connection: close')).response()
    const cookie = /__Host-session=[^;]*/.exec(first.headers.find(header => /^set-cookie/i.test(header)) ?? '')?.[0]
    for (let times = 0; times < 60; times++) {
      const path = paths[Math.floor(random() * paths.length)]
      const whole =
        random() < 0.3 ? upload(`POST ${path}`, `Cookie: ${cookie}`) : requestText(`GET ${path}`, `Cookie: ${cookie}`)
      const sent = random() < 0.3 ? whole.slice(0, Math.floor(random() * whole.length)) : whole
      const client = new RawRequest(site.port, sent)
      for (let turns = Math.floor(random() * 25); turns > 0; turns--) await nextTurn()
      client.leave()
    }
    await expectWhole(counting, async () => {
      const again = requestText('GET /text', `Cookie: ${cookie}`, 'Connection: close')
      return Number((await new RawRequest(site.port, again).response()).body.toString())
    })
  })

  const withHttp2 = frameworkNames.filter(name => frameworks[name]?.http2)

  it.each(withHttp2)('leave their sessions whole, and disturb nobody, over HTTP/2, with %s', async framework => {
    const random = randomFrom(seed)
    const counting = new Counting()
    const site = await sites.open(framework, counting.page, { http2: true })
    let client = clients.connect(site.port)
    const { headers } = await answerTo(get(client, '/text'))
    const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    for (let times = 0; times < 60; times++) {
      const path = paths[Math.floor(random() * paths.length)] ?? '/text'
      const method = random() < 0.3 ? 'POST' : 'GET'
      const stream = client.request({ ':method': method, ':path': path, cookie }, { endStream: method === 'GET' })
      stream.on('error', () => undefined)
      if (method === 'POST') stream.write('x'.repeat(20_000))
      for (let turns = Math.floor(random() * 25); turns > 0; turns--) await nextTurn()
      if (random() < 0.8) {
        stream.close(constants.NGHTTP2_CANCEL)
      } else {
        client.destroy()
        client = clients.connect(site.port)
      }
    }
    await expectWhole(counting, async () => Number((await answerTo(get(client, '/text', { cookie }))).body))
  })
})

/** A request that uploads something. */
function upload(line: string, ...headers: string[]): string {
  const body = 'x'.repeat(20_000)
  return requestText(line, ...headers, 'Content-Type: text/plain', `Content-Length: ${body.length}`) + body
}
