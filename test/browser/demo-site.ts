import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** The demo in a process of its own. */
export interface DemoSite {
  readonly url: string
  stop(): Promise<void>
}

/** Starts the demo with its database in this folder. */
export async function startDemo(folder: string, port = '0'): Promise<DemoSite> {
  const env = { ...process.env, PORT: port, DATABASE: join(folder, 'demo.db') }
  const server = spawn(process.execPath, ['demo/server.ts'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: server.stdout })) {
    const [url] = /http:\S+/.exec(line) ?? []
    if (url) return { url, stop: () => ended(server) }
  }
  throw new Error('the demo did not start')
}

async function ended(server: ChildProcess): Promise<void> {
  const exit = new Promise(resolve => server.once('exit', resolve))
  server.kill()
  await exit
}
