import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsdown'
import { freePort } from '../support/free-port.ts'
import type { Part } from './parts.ts'
import { visitSite } from './visit-site.ts'

/** What the host says of the program. */
type Said = { readonly note: string } | { readonly error: string }

const hosts = fileURLToPath(new URL('hosts', import.meta.url))

/** Tries a part in workerd, as one bundled module. Gives a note or nothing; rejects with what went wrong. */
export async function tryInWorkerd(workerd: string, part: Part, services: object): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-workerd-'))
  try {
    await bundle(part, folder)
    const port = await freePort()
    writeFileSync(join(folder, 'config.capnp'), config(port, services))
    return await serve([workerd, 'serve', join(folder, 'config.capnp')], part, port)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** workerd takes modules by their names and knows no `node_modules`. */
async function bundle({ program, kind }: Part, folder: string): Promise<void> {
  await build({
    entry: { main: join(hosts, `workerd-${kind}.js`) },
    outDir: folder,
    config: false,
    dts: false,
    platform: 'node',
    target: 'es2023',
    fixedExtension: false,
    logLevel: 'silent',
    alias: { program: join(hosts, '../programs', `${program}.js`) },
    deps: { alwaysBundle: [/./], neverBundle: [/^(node|cloudflare):/, '@node-rs/argon2', ...builtinModules] },
    inputOptions: { resolve: { conditionNames: ['workerd', 'node'] } },
    outputOptions: { codeSplitting: false },
  })
  // By its own address, which workerd does not tell, a module from CommonJS asks for Node's.
  const file = join(folder, 'main.js')
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('import.meta.url', '"file:///main.js"'))
}

function config(port: number, services: object): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "main", esModule = embed "main.js")],
      compatibilityDate = "2026-11-01",
      bindings = [(name = "SERVICES", json = ${JSON.stringify(JSON.stringify(services))})],
      globalOutbound = "network")),
    (name = "network", network = (allow = ["public", "private"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]);
`
}

async function serve([command = '', ...args]: readonly string[], { kind }: Part, port: number): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      said += text
    })
  }
  try {
    const first = await firstAnswer(port, () => child.exitCode === null).catch(() => {
      throw new Error(said)
    })
    if (kind !== 'run') {
      await visitSite(port).catch(error => {
        throw new Error(/ exception: .*?Error: (.*)/.exec(said)?.[1] ?? String(error))
      })
      return ''
    }
    const result = first.ok ? ((await first.json()) as Said) : { error: said }
    if ('error' in result) throw new Error(result.error)
    return result.note
  } finally {
    child.kill('SIGKILL')
  }
}

async function firstAnswer(port: number, isRunning: () => boolean): Promise<Response> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null)
    if (answer) return answer
    if (!isRunning()) throw new Error('ended')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
