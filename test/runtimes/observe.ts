import { execSync } from 'node:child_process'
import { existsSync, statSync, symlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startMariadb } from '../services/mariadb.ts'
import { startMemcached } from '../services/memcached.ts'
import { startPostgres } from '../services/postgres.ts'
import { startRedis } from '../services/redis.ts'
import { tryInProcess } from './in-process.ts'
import { tryInWorkerd } from './in-workerd.ts'
import { type Part, parts } from './parts.ts'

const installed = fileURLToPath(new URL('node_modules', import.meta.url))

/** A runtime, and how a part is tried on it. */
interface Runtime {
  readonly name: string
  /** Its name in `package.json`. */
  readonly package: string
  readonly attempt: (part: Part, services: object) => Promise<string>
}

const withCommand =
  (...command: readonly string[]): Runtime['attempt'] =>
  (part, services) =>
    tryInProcess([`${installed}/${command[0]}`, ...command.slice(1)], part, services)

export const runtimes: readonly Runtime[] = [
  { name: 'Node 22', package: 'node22', attempt: withCommand('node22/bin/node') },
  { name: 'Node 24', package: 'node24', attempt: withCommand('node24/bin/node') },
  { name: 'Node 26', package: 'node26', attempt: withCommand('node26/bin/node') },
  { name: 'Bun', package: 'bun', attempt: withCommand('.bin/bun') },
  {
    name: 'Deno',
    package: 'deno',
    attempt: withCommand('.bin/deno', 'run', '--allow-all', '--quiet', '--node-modules-dir=manual'),
  },
  {
    name: 'workerd',
    package: 'workerd',
    attempt: (part, services) => tryInWorkerd(`${installed}/.bin/workerd`, part, services),
  },
]

/** What came of a part on a runtime. */
export interface Observation {
  readonly works: boolean
  /** Why it does not work, or what it needs to. */
  readonly note: string
}

/** Tries each part on each runtime: by runtime, in the order of `parts`; null where it is not meant to be there. */
export async function observe(
  on: readonly Runtime[] = runtimes,
  what: readonly Part[] = parts,
): Promise<Map<string, (Observation | null)[]>> {
  installRuntimes()
  linkPackage()
  const servers = await Promise.all([startPostgres(), startMariadb(), startRedis(), startMemcached()])
  const [postgres, mariadb, redis, memcached] = servers
  const services = {
    postgres: postgres.address.connection,
    mariadb: mariadb.address.connection,
    redis: redis.address,
    memcached: memcached.address,
  }
  try {
    const observed = new Map<string, (Observation | null)[]>()
    for (const runtime of on) {
      // Sites spend their time waiting, each in a process of its own.
      const sites = new Map(
        what.filter(({ kind }) => kind !== 'run').map(part => [part, observeOne(runtime, part, services)]),
      )
      const row: (Observation | null)[] = []
      for (const part of what) row.push(await (sites.get(part) ?? observeOne(runtime, part, services)))
      observed.set(runtime.name, row)
    }
    return observed
  } finally {
    for (const server of servers) await server.stop()
  }
}

async function observeOne({ name, attempt }: Runtime, part: Part, services: object): Promise<Observation | null> {
  if ((part.only && part.only !== name) || part.except === name) return null
  try {
    return { works: true, note: await attempt(part, services) }
  } catch (error) {
    return { works: false, note: firstLine(String(error)) }
  }
}

/** Once, and again when `package.json` names other versions. */
function installRuntimes(): void {
  const [list, folder] = [`${installed}/.package-lock.json`, fileURLToPath(new URL('.', import.meta.url))]
  if (existsSync(list) && statSync(list).mtimeMs >= statSync(`${folder}/package.json`).mtimeMs) return
  execSync('npm install --no-package-lock --no-audit --no-fund --loglevel=error', { cwd: folder, stdio: 'inherit' })
}

/** The programs import the package by its name, as if they had installed it. */
function linkPackage(): void {
  try {
    symlinkSync('../../..', `${installed}/keepsake`, 'junction')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Without the folders of this machine. */
function firstLine(text: string): string {
  const line = text.split('\n').find(candidate => /\w/.test(candidate)) ?? ''
  return line
    .replace(/^(?:Error: )?(?:service main: )?(?:Uncaught )?(?:\w*Error: )+/, '')
    .replace(/(?:file:\/\/|(?<![\w-]))\/[\w@./-]+/g, '…')
}
