import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Part } from './parts.ts'
import { visitSite } from './visit-site.ts'

const host = fileURLToPath(new URL('hosts/process.js', import.meta.url))

/** What the host says of the program. */
type Said = { readonly note: string } | { readonly port: number } | { readonly error: string }

/** Tries a part in a process that this command starts. Gives a note or nothing; rejects with what went wrong. */
export async function tryInProcess(
  [command = '', ...args]: readonly string[],
  { program }: Part,
  services: object,
): Promise<string> {
  const file = fileURLToPath(new URL(`programs/${program}.js`, import.meta.url))
  const env = { ...process.env, NODE_ENV: 'development', SERVICES: JSON.stringify(services) }
  const child = spawn(command, [...args, host, file], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    const said = await firstSaid(child)
    if ('error' in said) throw new Error(said.error)
    if ('port' in said) await visitSite(said.port)
    else await endsByItself(child)
    return 'note' in said ? said.note : ''
  } finally {
    child.kill('SIGKILL')
  }
}

async function firstSaid(child: ChildProcess): Promise<Said> {
  let complaints = ''
  child.stderr?.setEncoding('utf8').on('data', text => {
    complaints += text
  })
  if (child.stdout) {
    for await (const line of createInterface(child.stdout)) if (line.startsWith('{')) return JSON.parse(line)
  }
  throw new Error(complaints)
}

/** Nothing of ours keeps a process running that has nothing else to do. */
async function endsByItself(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const patience = AbortSignal.timeout(20_000)
  await once(child, 'exit', { signal: patience }).catch(() => {
    throw new Error('the process does not end by itself')
  })
}
