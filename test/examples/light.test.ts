import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { RawRequest, requestText } from '../support/raw-request.ts'
import { FormBrowser } from './form-browser.ts'
import { type RunningExample, startExample } from './start-example.ts'
import { exampleStory } from './story.ts'

/** `examples/<name>/server.ts` in a process of its own. It finds the built package by its name. */
function start(name: string, folder?: string): Promise<RunningExample> {
  const program = fileURLToPath(new URL(`../../examples/${name}/server.ts`, import.meta.url))
  return startExample([process.execPath, program], folder === undefined ? {} : { folder })
}

const examples = {
  Express: { folder: 'express', password: 'lantern-orbit-42' },
  Fastify: { folder: 'fastify' },
  Hono: { folder: 'hono' },
  Koa: { folder: 'koa' },
  'plain Node': { folder: 'node' },
  fetch: { folder: 'fetch' },
}

const running: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const example of running.splice(0)) await example.close()
})

for (const [name, { folder, ...options }] of Object.entries(examples)) {
  describe(name, () => {
    let example: RunningExample
    beforeAll(async () => {
      example = await start(folder)
    })
    afterAll(() => example?.close())

    exampleStory(name, () => example.url, options)
  })
}

describe('an example whose process ends', () => {
  it('knows its visitors when it starts again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keepsake-example-'))
    running.push({ close: async () => rmSync(folder, { recursive: true }) })
    const first = await start('node', folder)
    const visitor = new FormBrowser(first.url)
    await visitor.open('/')
    await visitor.press('Log in', { username: 'ada' })
    await first.close()

    const second = await start('node', folder)
    running.unshift(second)
    const later = visitor.copy(second.url)
    await later.open('/')
    expect(later.text).toContain('Hello, ada')
  })
})

describe('the example for WebSockets', () => {
  /** What a socket hears until it is closed, and why it is. */
  async function connect({ url }: RunningExample, cookies: string) {
    const socket = new WebSocket(url.replace('http', 'ws'), { origin: url, headers: { Cookie: cookies } })
    running.unshift({ close: async () => socket.terminate() })
    const closed = once(socket, 'close').then(([code, reason]) => `${code} ${reason}`)
    closed.catch(() => undefined)
    await once(socket, 'open')
    return { socket, closed }
  }

  it('refuses a socket to who is not logged in', async () => {
    const example = await start('websockets')
    running.push(example)
    await expect(connect(example, '')).rejects.toThrow('401')
  })

  it('opens one to who is, and closes it when they log out', async () => {
    const example = await start('websockets')
    running.push(example)
    const visitor = new FormBrowser(example.url)
    await visitor.open('/')
    await visitor.press('Log in')
    const { socket, closed } = await connect(example, visitor.cookies)
    socket.send('hello')
    const [answer] = await once(socket, 'message')
    expect(String(answer)).toBe('ada said hello')
    await visitor.press('Log out')
    expect(await closed).toBe('4401 logged out')
  })

  it('goes on when clients reset their connections, or send what is no frame', async () => {
    const example = await start('websockets')
    running.push(example)
    const visitor = new FormBrowser(example.url)
    await visitor.open('/')
    await visitor.press('Log in')
    const handshake = (cookies: string): RawRequest =>
      new RawRequest(
        Number(new URL(example.url).port),
        requestText(
          'GET /',
          ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
          ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', `Cookie: ${cookies}`],
        ),
      )
    for (let times = 0; times < 10; times++) {
      const stranger = handshake('')
      await stranger.until('401')
      stranger.reset()
    }
    const client = handshake(visitor.cookies)
    await client.until('101')
    client.send(Buffer.from([0xff, 0x00]))
    await client.until(Buffer.from([0x88, 0x02, 0x03, 0xea]))
    await visitor.open('/')
    expect(visitor.text).toContain('Log out')
  })
})
