import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, it } from 'vitest'
import { freePort } from '../support/free-port.ts'

/** Debian's own interpreter: another one in the path has not its packages. */
const python = '/usr/bin/python3'
const script = join(import.meta.dirname, 'site.py')

/** Settings of a Django site, by Django's names. */
export type DjangoSettings = Readonly<Record<string, unknown>>

/** A running Django site. */
export interface DjangoSite {
  readonly url: string
  /** Runs Python in the site, with `User` and `json` at hand, and gives what it printed. */
  shell(code: string): string
  stop(): Promise<void>
}

/** A `describe` whose tests need Debian's Django and these modules of Python. */
export function describeWithDjango(name: string, modules: readonly string[], body: () => void): void {
  const remedy = howToGet(modules)
  if (!remedy) {
    // Django starts a process for each command, and hashes slowly.
    describe(name, { timeout: 120_000 }, body)
  } else if (process.env.KEEPSAKE_REQUIRE_SERVICES === '1') {
    it(`needs ${remedy}`, () => {
      throw new Error(`not installed: ${remedy}`)
    })
  } else describe.skip(`${name} (not installed: ${remedy})`, body)
}

/** Makes the tables, and serves the pages of `site.py` on a port of its own. */
export async function startDjango(settings: DjangoSettings): Promise<DjangoSite> {
  const env = environmentOf(settings)
  migrateDjango(settings)
  const port = await freePort()
  const command = process.platform === 'linux' ? ['setpriv', '--pdeathsig=KILL', python] : [python]
  const [file = '', ...rest] = [...command, script, 'serve', String(port)]
  const child = spawn(file, rest, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const url = `http://127.0.0.1:${port}`
  await answering(child, url)
  return {
    url,
    shell: code => run(settings, 'shell', code).trim(),
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Makes Django's tables. */
export function migrateDjango(settings: DjangoSettings): void {
  run(settings, 'migrate')
}

function run(settings: DjangoSettings, ...args: string[]): string {
  return execFileSync(python, [script, ...args], { env: environmentOf(settings), encoding: 'utf8' })
}

function environmentOf(settings: DjangoSettings): NodeJS.ProcessEnv {
  return { ...process.env, DJANGO_SETTINGS: JSON.stringify(settings), PYTHONDONTWRITEBYTECODE: '1' }
}

async function answering(child: ChildProcess, url: string): Promise<void> {
  for (const deadline = Date.now() + 100_000; Date.now() < deadline; await wait(25)) {
    if (child.exitCode !== null) break
    const response = await fetch(`${url}/none`).catch(() => null)
    if (response) return
  }
  throw new Error('the Django site does not answer')
}

function howToGet(modules: readonly string[]): string | null {
  try {
    execFileSync(python, ['-c', `import ${['django', ...modules].join()}`], { stdio: 'ignore' })
    return null
  } catch {
    return `apt-get install -y ${['python3-django', ...modules.map(module => `python3-${module.toLowerCase().replace('_', '-')}`)].join(' ')}`
  }
}
