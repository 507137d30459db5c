import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../support/free-port.ts'

/** An example that runs in a process of its own. */
export interface RunningExample {
  readonly url: string
  close(): Promise<void>
}

/** Where and how an example is started. */
export interface StartOptions {
  /** The folder that it runs in. @default an empty one, which is removed at the end: its database is new */
  readonly folder?: string
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Starts `node` (or another program) with these arguments and `PORT` in its environment, and waits until something answers there.
 *
 * @example
 * const { url, close } = await startExample([process.execPath, 'examples/express/server.ts'])
 */
export async function startExample(
  [program = process.execPath, ...args]: readonly string[],
  { folder, env = {} }: StartOptions = {},
): Promise<RunningExample> {
  const own = folder ?? mkdtempSync(join(tmpdir(), 'keepsake-example-'))
  const port = await freePort()
  const settings = { ...process.env, NODE_ENV: 'development', ...env, PORT: String(port) }
  const child = spawn(program, args, { cwd: own, env: settings, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      said += text
    })
  }
  const url = `http://localhost:${port}`
  const close = async (): Promise<void> => {
    await end(child)
    if (!folder) rmSync(own, { recursive: true })
  }
  try {
    await answers(url, child)
  } catch (error) {
    await close()
    throw new Error(`${args.join(' ')} did not start. It said: ${said}`, { cause: error })
  }
  return { url, close }
}

/** Asks until there is an answer. What has ended will not give one. */
async function answers(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/favicon.ico`).catch(() => null)
    await answer?.body?.cancel()
    if (answer) return
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`ended with ${child.exitCode}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'close')
}
