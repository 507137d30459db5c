import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { frameworks, ways } from './frameworks.ts'
import { counted, frameworkNames, OpenSites, plain } from './open-sites.ts'

const sites = new OpenSites()
const clients: ClientHttp2Session[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await sites.close()
})

function connected(port: number): ClientHttp2Session {
  const client = connect(`http://127.0.0.1:${port}`)
  clients.push(client)
  return client
}

/** The headers of an answer, but for the date, and its text. */
async function answerTo(stream: ClientHttp2Stream): Promise<{ headers: IncomingHttpHeaders; body: string }> {
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  return { headers, body: await text(stream) }
}

function get(client: ClientHttp2Session, path: string, headers: Record<string, string> = {}): ClientHttp2Stream {
  return client.request({ ':path': path, ...headers })
}

const withHttp2 = frameworkNames.filter(name => frameworks[name]?.http2)

describe('over HTTP/2', () => {
  it.each(withHttp2)(
    'a request that does not ask for its session is answered as without it, with %s',
    async framework => {
      const bare = connected((await sites.open(framework, plain, { mounted: 'never', http2: true })).port)
      const mounted = connected((await sites.open(framework, plain, { http2: true })).port)
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

  it.each(withHttp2)('the session is saved before the answer leaves, whatever it is, with %s', async framework => {
    for (const way of ways.filter(path => path !== '/throw')) {
      const site = await sites.open(framework, counted, { http2: true })
      const client = connected(site.port)
      const gate = site.store.holdBack('create')
      const stream = get(client, way)
      let answered = false
      stream.on('response', () => {
        answered = true
      })
      const answer = answerTo(stream)
      await gate.arrived
      // What was sent before comes before the answer to this.
      for (let times = 0; times < 3; times++) await new Promise(resolve => client.ping(resolve))
      expect([way, answered]).toEqual([way, false])
      gate.open()
      const { headers } = await answer
      expect([way, headers['set-cookie']?.length, headers.vary]).toEqual([way, 1, expect.stringMatching(/cookie/i)])
    }
  })

  it.each(withHttp2)('visitors who share a connection are kept apart, and counted right, with %s', async framework => {
    const client = connected((await sites.open(framework, counted, { http2: true })).port)
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
      const { headers } = await answerTo(get(connected(site.port), way))
      expect([way, headers[':status'], headers['set-cookie'], headers.location]).toEqual([
        way,
        503,
        undefined,
        undefined,
      ])
    }
  })
})
