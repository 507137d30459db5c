import { once } from 'node:events'
import { connect, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { type Listening, listen } from '../../test/support/listen.ts'
import { RawRequest, requestText } from '../../test/support/raw-request.ts'
import { nodeSessions } from '../adapters/node.ts'
import { createSessions } from '../create-sessions.ts'
import { memoryStore } from '../stores/memory.ts'
import { cookies } from './index.ts'

const servers: Listening[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

/** What a server on Node reads of these header lines: all cookies as JSON, or only a status. */
async function answerTo(...headers: string[]): Promise<{ status: number; pairs: unknown }> {
  const sessions = createSessions({ store: memoryStore() })
  const handler = nodeSessions(sessions, async (req, res) => {
    await sessions.of(req)
    res.end(JSON.stringify([...cookies(req).all()]))
  })
  const server = await listen((req, res) => void handler(req, res))
  servers.push(server)
  const { status, body } = await new RawRequest(
    server.port,
    requestText('GET /', ...headers, 'Connection: close'),
  ).response()
  const code = Number(status.split(' ')[1])
  return { status: code, pairs: code === 200 ? JSON.parse(body.toString()) : null }
}

describe('cookies that arrive over a socket', () => {
  it('in several Cookie headers are read as one', async () => {
    expect(await answerTo('Cookie: a=1', 'Cookie: b=2', 'cookie: a=3')).toEqual({
      status: 200,
      pairs: [
        ['a', '1'],
        ['b', '2'],
      ],
    })
  })

  it('in crumbs over HTTP/2 (RFC 9113 section 8.2.3) are read as one', async () => {
    const sessions = createSessions({ store: memoryStore() })
    const handler = nodeSessions(sessions, async (req, res) => {
      await sessions.of(req)
      res.end(JSON.stringify([...cookies(req).all()]))
    })
    const server = createServer((req, res) => void handler(req as never, res as never)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const stream = client.request({ ':path': '/', cookie: ['a=1', 'b=2', 'a=3'] })
    const pairs = JSON.parse(await text(stream))
    client.close()
    server.close()
    expect(pairs).toEqual([
      ['a', '1'],
      ['b', '2'],
    ])
  })

  it('beside a header named __proto__ do not crash the server (CVE-2026-21710)', async () => {
    expect(await answerTo('__proto__: x', 'Cookie: a=1')).toEqual({ status: 200, pairs: [['a', '1']] })
  })

  it('of bytes beyond ASCII are what Node delivers, Latin-1', async () => {
    expect(await answerTo('Cookie: a=é')).toEqual({ status: 200, pairs: [['a', 'Ã©']] })
  })

  it('with a NUL or a bare line feed are answered by Node itself, with 400', async () => {
    expect((await answerTo('Cookie: a=\u0000')).status).toBe(400)
    expect((await answerTo('Cookie: a=1\u000bb', 'Cookie: a=1\n b')).status).toBe(400)
  })

  it('of more than 16 KiB are answered by Node itself, with 431', async () => {
    expect((await answerTo(`Cookie: a=${'x'.repeat(17_000)}`)).status).toBe(431)
  })
})
