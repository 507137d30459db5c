import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestBrowser } from './test-browser.ts'

let folder: string
let file: string
const running = new Set<ChildProcess>()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keepsake-demo-'))
  file = join(folder, 'demo.db')
})

afterEach(() => {
  for (const process of running) process.kill('SIGKILL')
  running.clear()
  rmSync(folder, { recursive: true })
})

/** `node demo/server.ts` with these settings, and what it says. */
function run(env: Record<string, string>): { process: ChildProcess; said: () => string } {
  const program = fileURLToPath(new URL('server.ts', import.meta.url))
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, NODE_ENV: 'development', DATABASE: file, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', text => {
      said += text
    })
  }
  return { process: child, said: () => said }
}

async function startOn(port: string): Promise<{ url: string; said: () => string; end: () => Promise<number> }> {
  const { process, said } = run({ PORT: port })
  // Whichever comes first: the line, or the end of a process that could not start.
  await Promise.race([once(process.stdout ?? process, 'data'), once(process, 'close')])
  const url = /http:\/\/localhost:\d+/.exec(said())?.[0] ?? said()
  const end = async (): Promise<number> => {
    process.kill('SIGTERM')
    const [code] = await once(process, 'close')
    return code
  }
  return { url, said, end }
}

describe('the server', () => {
  it('says where it is in one line, ends cleanly, and knows its visitors when it starts again', async () => {
    const browser = new TestBrowser()
    const first = await startOn('0')
    expect((await browser.visit(first.url)).text).toContain('Visit 1')
    expect(await first.end()).toBe(0)
    expect(first.said()).toBe(`Keepsake demo on ${first.url} (sessions in ${file})\n`)

    const second = await startOn('0')
    expect((await browser.visit(second.url)).text).toContain('Visit 2')
    expect(await second.end()).toBe(0)
  })

  it.each([
    ['a port that is no number', { PORT: 'web' }, 'PORT is "web", not a number from 0 to 65535.'],
    ['a database that cannot be opened', { DATABASE: '/nowhere/demo.db' }, 'Cannot open the database /nowhere/demo.db'],
  ])('says in one line what is wrong with %s', async (_, env, message) => {
    const { process, said } = run(env)
    const [code] = await once(process, 'close')
    expect(code).toBe(1)
    expect(said()).toContain(message)
    expect(said().trimEnd().split('\n')).toHaveLength(1)
  })

  it('says in one line that the port is in use, and which to take', async () => {
    const other = createServer()
    await new Promise<void>(listening => other.listen(0, listening))
    const { port } = other.address() as AddressInfo
    const { process, said } = run({ PORT: String(port) })
    const [code] = await once(process, 'close')
    other.close()
    expect(code).toBe(1)
    expect(said()).toBe(`Port ${port} is in use. Choose another: PORT=${port + 1} npm start\n`)
  })
})
