import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/stores/file.ts'
import type { SessionStore } from '../../src/stores/store.ts'
import { findBinary } from '../services/server.ts'
import type { Order, Outcome } from './file-store-process.ts'
import { idOf, newDirectories, recordOf, startWorker, type Worker } from './file-store-worker.ts'

const newDirectory = newDirectories()
const [id, next] = [idOf('visitor'), idOf('visitor after login')]

/** What a session is now: the payloads under its first and its second id. */
async function stateOf(store: SessionStore): Promise<string> {
  const [first, second] = await Promise.all([store.read(id), store.read(next)])
  return [first?.payload ?? 'none', second?.payload ?? 'none'].join(', ')
}

/** Lets strace do something to each call of one kind that a running process makes from now on. */
async function injectInto({ child }: Worker, call: string, what: string): Promise<void> {
  const args = ['-f', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:${what}`]
  const strace = spawn('strace', [...args, '-p', String(child.pid)], { stdio: ['ignore', 'ignore', 'pipe'] })
  const [said] = await once(strace.stderr, 'data')
  if (!String(said).includes('attached')) throw new Error(`strace: ${said}`)
}

/** All calls that change something, so that there is a kill between any two changes, and those that wait for the disk. */
const changes = ['openat', 'write', 'fsync', 'rename', 'unlink', 'mkdir']

/** Kills a process before each single call that the order takes, and gives the states in which this left the session. */
async function statesAfterKills(order: Order): Promise<string[]> {
  const killed = await forEachCall(changes, order, 'signal=SIGKILL', ({ outcome }) => outcome === undefined)
  for (const { signal } of killed) expect(signal).toBe('SIGKILL')
  return killed.map(({ state }) => state)
}

/** What came of a disturbed order. */
interface Disturbed {
  readonly outcome: Outcome | undefined
  readonly signal: NodeJS.Signals | null
  readonly state: string
}

/** Disturbs one call of a kind after the other, until the process makes no more of them, and nothing is disturbed. */
async function forEachCall(
  kinds: readonly string[],
  order: Order,
  disturbance: string,
  isDisturbed: (it: Disturbed) => boolean,
): Promise<Disturbed[]> {
  const ofKind = async (call: string): Promise<Disturbed[]> => {
    const found: Disturbed[] = []
    for (;;) {
      const it = await disturb(order, call, `${disturbance}:when=${found.length + 1}`)
      if (!isDisturbed(it)) return found
      found.push(it)
    }
  }
  return (await Promise.all(kinds.map(ofKind))).flat()
}

async function disturb(order: Order, call: string, disturbance: string): Promise<Disturbed> {
  const directory = newDirectory()
  const store = fileStore(directory)
  await store.create(id, recordOf('old'))
  const worker = await startWorker(directory)
  await injectInto(worker, call, disturbance)
  const outcome = await worker.tell(order)
  const signal = worker.child.signalCode
  if (outcome) worker.child.disconnect()
  const state = await stateOf(store)
  await expectUsable(store)
  return { outcome, signal, state }
}

/** Whatever a disturbed process left does not stand in anyone's way. */
async function expectUsable(store: SessionStore): Promise<void> {
  for (const name of [id, next]) {
    const found = await store.read(name)
    if (found) expect(await store.replace({ id: name, ...found }, name, recordOf('later'))).toBe(true)
    await store.delete(name)
    expect(await store.read(name)).toBeNull()
  }
}

/** Where everything has to run, what is missing fails instead of being skipped. */
const mayBeSkipped = process.env.KEEPSAKE_REQUIRE_SERVICES !== '1'

const skipsStrace = mayBeSkipped && !findBinary('strace')

describe.skipIf(skipsStrace)('a process that is killed in the middle (needs strace)', () => {
  it('of a save leaves the session as it was or as it was to be', async () => {
    const states = await statesAfterKills({ type: 'replace', id, next: id })
    expect(new Set(states)).toEqual(new Set(['old, none', 'new, none']))
  }, 60_000)

  it('of a rotation leaves it under the old id or the new one, never both', async () => {
    const states = await statesAfterKills({ type: 'replace', id, next })
    expect(new Set(states)).toEqual(new Set(['old, none', 'none, new']))
  }, 60_000)

  it('of a logout leaves it as it was or ended', async () => {
    const states = await statesAfterKills({ type: 'delete', id })
    expect(new Set(states)).toEqual(new Set(['old, none', 'none, none']))
  }, 60_000)

  it('of the first save leaves no session or a whole one', async () => {
    const states = await statesAfterKills({ type: 'create', id: next })
    expect(new Set(states)).toEqual(new Set(['old, none', 'old, new']))
  }, 60_000)
})

describe.skipIf(skipsStrace)('a disk that fails at any moment (needs strace)', () => {
  const failures = async (kinds: readonly string[], order: Order, done: unknown): Promise<Disturbed[]> => {
    const isDisturbed = ({ outcome }: Disturbed): boolean => !outcome || !('value' in outcome) || outcome.value !== done
    const failed = await forEachCall(kinds, order, 'error=EIO', isDisturbed)
    for (const { outcome } of failed) expect(outcome).toEqual({ error: 'EIO' })
    expect(failed.length).toBeGreaterThan(kinds.length)
    return failed
  }

  it('makes a read fail, and never look like no session', async () => {
    const kinds = ['openat', 'getdents64', 'statx']
    await failures(kinds, { type: 'read', id }, 'old')
  })

  it('makes a save fail, and leaves the session as it was or as it was to be', async () => {
    const kinds = ['openat', 'fsync', 'rename']
    const failed = await failures(kinds, { type: 'replace', id, next: id }, true)
    expect(new Set(failed.map(({ state }) => state))).toEqual(new Set(['old, none', 'new, none']))
  })
})

const disk = newDirectory()
mkdirSync(disk)

/** A file system of 64 KB, in memory. */
function mountDisk(): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=700', 'tmpfs', disk], { stdio: 'ignore' })
}

function unmountDisk(): void {
  execFileSync('umount', [disk])
}

const canMount = (): boolean => {
  try {
    mountDisk()
    unmountDisk()
    return true
  } catch {
    return false
  }
}

describe.skipIf(mayBeSkipped && !canMount())('a disk (needs root, to mount one)', () => {
  beforeAll(mountDisk)
  // Runs before the directories are removed.
  afterAll(unmountDisk)

  it('that is full fails to save, cleanly; the session stays as it was, and can be logged out', async () => {
    const store = fileStore(join(disk, 'sessions'))
    await store.create(id, recordOf('old'))
    const { version } = (await store.read(id)) ?? { version: '' }
    const large = recordOf('x'.repeat(200_000))
    await expect(store.replace({ id, version }, id, large)).rejects.toThrow('ENOSPC')
    await expect(store.replace({ id, version }, next, large)).rejects.toThrow('ENOSPC')
    await expect(store.create(next, large)).rejects.toThrow('ENOSPC')
    expect(await stateOf(store)).toBe('old, none')
    expect(readdirSync(disk, { recursive: true }).filter(name => !isFolder(name))).toHaveLength(2)

    expect(() => writeFileSync(join(disk, 'filler'), 'x'.repeat(200_000))).toThrow('ENOSPC')
    await expect(store.replace({ id, version }, id, recordOf('new'))).rejects.toThrow('ENOSPC')
    expect(await stateOf(store)).toBe('old, none')
    await store.delete(id)
    expect(await stateOf(store)).toBe('none, none')
    rmSync(join(disk, 'filler'))
  })

  it('that was mounted read-only still reads, and says that it cannot save', async () => {
    const store = fileStore(join(disk, 'sessions'))
    await store.create(id, recordOf('old'))
    const { version } = (await store.read(id)) ?? { version: '' }
    execFileSync('mount', ['-o', 'remount,ro', disk])
    expect(await stateOf(fileStore(join(disk, 'sessions')))).toBe('old, none')
    await expect(store.replace({ id, version }, id, recordOf('new'))).rejects.toThrow('EROFS')
    await expect(store.create(next, recordOf('new'))).rejects.toThrow('EROFS')
    await expect(store.delete(id)).rejects.toThrow('EROFS')
  })
})

function isFolder(name: string | Buffer): boolean {
  return /^sessions(\/..){0,2}$/.test(String(name))
}
