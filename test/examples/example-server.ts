import { execFile, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../support/free-port.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** One of the programs in `examples/`, built and listening. */
export interface ExampleServer {
  readonly origin: string
  /** The SQLite file in which it keeps its sessions. */
  readonly database: string
  stop(): Promise<void>
}

/** The environment of a user's shell: what Vitest adds to it would change what the build tools do. */
function environment(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(VITE|VITEST|NODE_ENV|NODE_OPTIONS|npm_|TEST$|DEV$|PROD$|MODE$|BASE_URL$|SSR$)/.test(name),
  )
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter)
  const quiet = { NEXT_TELEMETRY_DISABLED: '1', ASTRO_TELEMETRY_DISABLED: '1', CI: '1' }
  return { ...Object.fromEntries(own), ...quiet, PATH: path, ...more }
}

/** Runs a script of an example; rejects with all that it printed. */
export async function runScript(name: string, script: string, more: NodeJS.ProcessEnv = {}): Promise<void> {
  await npm(name, ['run', script], more)
}

async function npm(name: string, args: string[], more: NodeJS.ProcessEnv = {}): Promise<void> {
  const cwd = join(root, 'examples', name)
  try {
    await run('npm', args, { cwd, env: environment(more), maxBuffer: 2 ** 26 })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`npm ${args.join(' ')} in examples/${name} failed:\n${stdout}\n${stderr}`)
  }
}

/** Installs an example's dependencies if they are not there, and the package as it was last built. */
export async function install(name: string): Promise<void> {
  const folder = join(root, 'examples', name)
  const installed = join(folder, 'node_modules/.package-lock.json')
  const isCurrent =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(folder, 'package.json')).mtimeMs
  if (!isCurrent) await npm(name, ['install', '--no-audit', '--no-fund', '--loglevel=error'])
  const copy = join(folder, 'node_modules/keepsake')
  rmSync(join(copy, 'dist'), { recursive: true, force: true })
  for (const part of ['dist', 'package.json']) cpSync(join(root, part), join(copy, part), { recursive: true })
}

/** Builds an example, starts it on a free port with an empty database, and waits until it answers. */
export async function startExample(name: string): Promise<ExampleServer> {
  const folder = mkdtempSync(join(tmpdir(), `keepsake-${name}-`))
  const database = join(folder, 'app.db')
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const env = { NODE_ENV: 'production', DATABASE: database, PORT: `${port}`, ORIGIN: origin }
  await runScript(name, 'build', { ...env, DATABASE: ':memory:' })
  // A process group of its own: npm's child is what listens, and both have to end.
  const cwd = join(root, 'examples', name)
  const child = spawn('npm', ['run', '--silent', 'serve'], {
    cwd,
    env: environment(env),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk))
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
  const stop = async (): Promise<void> => {
    if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
    await closed
    rmSync(folder, { recursive: true, force: true })
  }
  while (!(await answers(origin))) {
    if (child.exitCode !== null) throw new Error(`examples/${name} ended before it listened:\n${output}`)
  }
  return { origin, database, stop }
}

async function answers(origin: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<void>()
  try {
    await fetch(origin)
    return true
  } catch {
    setTimeout(resolve, 100)
    await promise
    return false
  }
}
