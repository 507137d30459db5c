import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, globSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../support/free-port.ts'

/** What a server has to itself. */
export interface Place {
  readonly directory: string
  readonly port: number
  /** Where the server's own output goes. */
  readonly log: string
}

/** How a server of this machine's packages is run. */
export interface Recipe {
  readonly name: string
  /** The package's own user, for servers that refuse to run as root. */
  readonly user: string
  readonly command: (place: Place) => readonly string[]
  /** What makes an empty directory ready. */
  readonly prepare?: (place: Place, run: (command: readonly string[]) => void) => void
  /** Rejects until the server answers. */
  readonly answers: (place: Place) => Promise<unknown>
  /** What ends the server at once without leaving shared memory behind. */
  readonly endBy: 'SIGKILL' | 'SIGQUIT'
}

/** A running server. */
export interface Server extends Place {
  /** Ends the process as a crash does. Its data stays. */
  crash(): Promise<void>
  /** Starts it again on the data and the port that it had. */
  restart(): Promise<void>
  /** Stops the process where it is: connections stay open, and nobody answers. */
  pause(): Promise<void>
  /** Lets it go on. */
  resume(): void
  /** Ends it and removes what it wrote. */
  stop(): Promise<void>
}

const patienceMs = 60_000

/** Starts a server in a directory of its own, on a port of its own, and waits until it answers. */
export async function startServer(recipe: Recipe): Promise<Server> {
  removeLeftovers()
  const prefix = join(tmpdir(), `keepsake-service-${process.pid}-${recipe.name}-`)
  const directory = mkdtempSync(prefix)
  const identity = identityOf(recipe.user)
  if (identity) chownSync(directory, identity.uid, identity.gid)
  const place = { directory, port: await freePort(), log: join(directory, 'server.log') }
  recipe.prepare?.(place, command => {
    const [file = '', ...args] = asUser(recipe.user, command)
    execFileSync(file, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: directory })
  })
  let child = await launch(recipe, place)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  return {
    ...place,
    crash: () => end('SIGKILL'),
    async restart() {
      child = await relaunch(recipe, place)
    },
    async pause() {
      child.kill('SIGSTOP')
      while (isRunning(child)) await wait(1)
    },
    resume: () => void child.kill('SIGCONT'),
    async stop() {
      await end(recipe.endBy)
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function launch(recipe: Recipe, place: Place): Promise<ChildProcess> {
  const [file = '', ...args] = endingWithUs(recipe.endBy, asUser(recipe.user, recipe.command(place)))
  const output = openSync(place.log, 'a')
  const child = spawn(file, args, { stdio: ['ignore', output, output], cwd: place.directory })
  const deadline = Date.now() + patienceMs
  for (;;) {
    const problem = await recipe.answers(place).then(
      () => null,
      (error: unknown) => error,
    )
    if (!problem) return child
    if (child.exitCode === null && Date.now() < deadline) await wait(25)
    else throw new Error(`${recipe.name} does not answer: ${problem}\n${readFileSync(place.log, 'utf8')}`)
  }
}

/** What a crashed server left in memory may be in its successor's way for a moment. */
async function relaunch(recipe: Recipe, place: Place): Promise<ChildProcess> {
  for (const deadline = Date.now() + patienceMs; ; await wait(100)) {
    try {
      return await launch(recipe, place)
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}

/** Whether a process that was told to stop is still at work. Only Linux tells; elsewhere it is taken to be fast. */
function isRunning({ pid }: ChildProcess): boolean {
  const status = `/proc/${pid}/status`
  return existsSync(status) && !/^State:\s+T/m.test(readFileSync(status, 'utf8'))
}

/** The newest binary of this name: Debian keeps those of PostgreSQL out of the path. */
export function findBinary(name: string): string | undefined {
  const folders = [...globSync('/usr/lib/postgresql/*/bin').sort().reverse(), '/usr/sbin']
  const path = process.env.PATH?.split(delimiter) ?? []
  return [...folders, ...path].map(folder => join(folder, name)).find(file => existsSync(file))
}

function identityOf(user: string): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const number = (flag: string): number => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  return { uid: number('-u'), gid: number('-g') }
}

function asUser(user: string, command: readonly string[]): readonly string[] {
  const identity = identityOf(user)
  if (!identity) return command
  return ['setpriv', `--reuid=${identity.uid}`, `--regid=${identity.gid}`, '--init-groups', ...command]
}

/** On Linux, a server whose tests were killed goes with them. */
function endingWithUs(signal: NodeJS.Signals, command: readonly string[]): readonly string[] {
  if (process.platform !== 'linux') return command
  const [program, ...args] = command
  const ours = ['setpriv', `--pdeathsig=${signal.slice(3)}`]
  return program === 'setpriv' ? [...ours, ...args] : [...ours, ...command]
}

/** What a killed run could not remove: its name tells the process that made it. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^keepsake-service-(\d+)-/.exec(name)?.[1]
    if (pid && !isAlive(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 5 })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
