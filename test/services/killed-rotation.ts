import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createSessions } from '../../src/create-sessions.ts'
import type { SessionIndex, SessionStore } from '../../src/stores/store.ts'
import type { Data } from '../support/site.ts'
import { type Direction, type Piece, startCuttingProxy } from './cutting-proxy.ts'
import { idOf, loggedIn, visitorOf } from './visitors.ts'
import type { StoreDescription } from './workers/store-description.ts'

/** Under which token a visitor has a session. */
export type LiveToken = 'old' | 'new' | 'none'

/** Under which token a killed process left the session of its visitor, and whether it was killed at all. */
export interface Remains {
  readonly token: LiveToken
  readonly killed: boolean
}

/** The store, as it is seen by those who were not killed. */
export interface Witness {
  readonly store: SessionStore
  /** The ids of all sessions of a visitor. */
  live(name: string): Promise<readonly string[]>
}

/** Sees what the index of the store tells. */
export function witnessOf(store: SessionStore & SessionIndex): Witness {
  const sessions = createSessions<Data>({ store })
  return { store, live: async name => (await sessions.list(name)).map(({ id }) => id) }
}

/** A process of a site in which a visitor has logged in, and which is ready to rotate. */
interface Rotating {
  readonly child: ChildProcess
  /** Resolves when the visitor has the new cookie, or the process is gone. */
  rotate(): Promise<void>
  /** What is left of the visitor's session when the process is gone. */
  remains(near: Witness): Promise<Remains>
}

let visitors = 0

async function startRotating(description: StoreDescription): Promise<Rotating> {
  const name = `visitor-${++visitors}`
  const script = join(import.meta.dirname, 'workers/rotating.ts')
  const child = fork(script, [JSON.stringify(description), name], { execArgv: [] })
  const exited = once(child, 'exit')
  const answer = (): Promise<unknown[]> => Promise.race([once(child, 'message'), exited])
  const [cookie] = (await answer()) as [string]
  return {
    child,
    async rotate() {
      child.send('rotate')
      await answer()
    },
    async remains(near) {
      if (child.connected) child.disconnect()
      await exited
      return { token: await liveToken(near, name, cookie), killed: child.signalCode === 'SIGKILL' }
    },
  }
}

/** The one token under which the visitor has a session, if any: there is no second, and it is the visitor's own. */
export async function liveToken({ store, live }: Witness, name: string, cookie: string): Promise<LiveToken> {
  const withOldToken = visitorOf(store)
  withOldToken.cookie = cookie
  const ids = await live(name)
  expect(ids.length, `sessions of ${name}`).toBeLessThanOrEqual(1)
  const token = ids.length === 0 ? 'none' : ids[0] === idOf(withOldToken) ? 'old' : 'new'
  expect(await withOldToken.see('/name')).toBe(token === 'old' ? name : null)
  return token
}

/** How servers are reached: by a process at the far side of a proxy, and by the test. */
export interface KillSubject {
  readonly servers: readonly number[]
  far(ports: readonly number[]): StoreDescription
  readonly near: Witness
}

/** Kills a process that rotates, at the first byte of it, and then in the middle and at the end of each piece that it sends or gets. */
export async function killAtEachPiece(subject: KillSubject): Promise<Remains[]> {
  // What a server is only sent once, such as a script's text, is past by then, on each node of a cluster.
  for (let visit = 0; visit < 20; visit++) await (await loggedIn('forerunner', subject.near.store)).see('/rotate')
  const moments = momentsOf(await rehearse(subject))
  const all: Remains[] = []
  await inParallel(moments, async ({ direction, after }) => {
    const proxy = await startCuttingProxy(subject.servers)
    const { child, rotate, remains } = await startRotating(subject.far(proxy.ports))
    proxy.cutAfter(after, direction, () => child.kill('SIGKILL'))
    await rotate()
    await proxy.settled()
    all.push(await remains(subject.near))
    proxy.close()
  })
  return all
}

/** The pieces in which a rotation passes that nobody disturbs. */
async function rehearse({ servers, far, near }: KillSubject): Promise<readonly Piece[]> {
  const proxy = await startCuttingProxy(servers)
  const { rotate, remains } = await startRotating(far(proxy.ports))
  const before = proxy.pieces.length
  await rotate()
  const pieces = proxy.pieces.slice(before)
  expect(await remains(near)).toEqual({ token: 'new', killed: false })
  proxy.close()
  return pieces
}

export interface Moment {
  readonly direction: Direction
  readonly after: number
}

/** The first byte of a rotation, and then the middle and the end of each piece. */
export function momentsOf(pieces: readonly Piece[]): Moment[] {
  const passed = { request: 0, reply: 0 }
  const moments: Moment[] = [{ direction: 'request', after: 0 }]
  for (const { direction, length } of pieces) {
    moments.push({ direction, after: passed[direction] + (length >> 1) })
    passed[direction] += length
    moments.push({ direction, after: passed[direction] })
  }
  return moments
}

/** Kills a process that rotates before each call of the system of these kinds that it makes for it. */
export async function killAtEachCall(
  kinds: readonly string[],
  description: StoreDescription,
  near: Witness,
): Promise<Remains[]> {
  const all: Remains[] = []
  await inParallel(kinds, async kind => {
    for (let call = 1; ; call++) {
      const { child, rotate, remains } = await startRotating(description)
      const strace = await straceOf(child, kind, `signal=SIGKILL:when=${call}`)
      await rotate()
      const found = await remains(near)
      await strace
      if (!found.killed) break
      all.push(found)
    }
  })
  return all
}

/** Lets strace do something to calls of one kind that a running process makes from now on. Resolves when it is at work. */
async function straceOf({ pid }: ChildProcess, kind: string, what: string): Promise<void> {
  const args = ['-f', '-o', '/dev/null', '-e', `trace=${kind}`, '-e', `inject=${kind}:${what}`, '-p', String(pid)]
  const strace = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const [said] = await once(strace.stderr, 'data')
  if (!String(said).includes('attached')) throw new Error(`strace: ${said}`)
}

async function inParallel<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items]
  const work = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await task(item)
  }
  await Promise.all(Array.from({ length: 4 }, work))
}
