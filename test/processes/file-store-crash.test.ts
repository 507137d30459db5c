import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/stores/file.ts'
import type { SessionStore } from '../../src/stores/store.ts'
import type { Order } from './file-store-process.ts'
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
const calls = ['openat', 'write', 'fsync', 'rename', 'unlink', 'mkdir']

/** Kills a process before each single call that the order takes, and gives the states in which this left the session. */
async function statesAfterKills(order: Order): Promise<string[]> {
  const states = await Promise.all(
    calls.map(async call => {
      const ofCall: string[] = []
      for (let state = await stateAfterKill(order, call, 1); state; ) {
        ofCall.push(state)
        state = await stateAfterKill(order, call, ofCall.length + 1)
      }
      return ofCall
    }),
  )
  return states.flat()
}

/** The state after a process was killed before this call; null if it did what it was told with fewer. */
async function stateAfterKill(order: Order, call: string, when: number): Promise<string | null> {
  const directory = newDirectory()
  const store = fileStore(directory)
  await store.create(id, recordOf('old'))
  const worker = await startWorker(directory)
  await injectInto(worker, call, `signal=SIGKILL:when=${when}`)
  if (await worker.tell(order)) {
    worker.child.disconnect()
    return null
  }
  expect(worker.child.signalCode).toBe('SIGKILL')
  const state = await stateOf(store)
  await expectUsable(store)
  return state
}

/** Whatever a killed process left does not stand in anyone's way. */
async function expectUsable(store: SessionStore): Promise<void> {
  for (const name of [id, next]) {
    const found = await store.read(name)
    if (found) expect(await store.replace({ id: name, ...found }, name, recordOf('later'))).toBe(true)
    await store.delete(name)
    expect(await store.read(name)).toBeNull()
  }
}

const missing = (command: string): boolean => {
  try {
    execFileSync('which', [command])
    return false
  } catch {
    return true
  }
}

describe.skipIf(missing('strace'))('a process that is killed in the middle (needs strace)', () => {
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
