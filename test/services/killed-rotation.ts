import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createSessions } from '../../src/create-sessions.ts'
import type { SessionIndex, SessionStore } from '../../src/stores/store.ts'
import type { Data } from '../support/site.ts'
import { type Direction, type Piece, startCuttingProxy } from './cutting-proxy.ts'
import { idOf, visitorOf } from './visitors.ts'
import type { StoreDescription } from './workers/store-description.ts'

/** Under which token a killed process left the session of its visitor, and whether it was killed at all. */
export interface Remains {
  readonly token: 'old' | 'new'
  readonly killed: boolean
}

/** A process of a site in which a visitor has logged in, and which is ready to rotate. */
interface Rotating {
  readonly child: ChildProcess
  /** Resolves when the visitor has the new cookie, or the process is gone. */
  rotate(): Promise<void>
  /** What is left of the visitor's session when the process is gone. */
  remains(near: SessionStore & SessionIndex): Promise<Remains>
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

/** The one token under which the visitor has a session: there is one, and no second. */
async function liveToken(near: SessionStore & SessionIndex, name: string, cookie: string): Promise<'old' | 'new'> {
  const withOldToken = visitorOf(near)
  withOldToken.cookie = cookie
  const seen = await withOldToken.see('/name')
  const live = await createSessions<Data>({ store: near }).list(name)
  expect(live.map(({ data }) => data.name)).toEqual([name])
  const token = live[0]?.id === idOf(withOldToken) ? 'old' : 'new'
  expect(seen).toBe(token === 'old' ? name : null)
  return token
}

/** How a database is reached: by a process at the far side of a proxy, and by the test. */
export interface KillSubject {
  readonly server: number
  far(port: number): StoreDescription
  readonly near: SessionStore & SessionIndex
}

/** Kills a process that rotates, at the first byte of it, and then in the middle and at the end of each piece that it sends or gets. */
export async function killAtEachPiece(subject: KillSubject): Promise<Remains[]> {
  const moments = momentsOf(await rehearse(subject))
  const all: Remains[] = []
  await inParallel(moments, async ({ direction, after }) => {
    const proxy = await startCuttingProxy([subject.server])
    const { child, rotate, remains } = await startRotating(subject.far(proxy.ports[0] ?? 0))
    proxy.cutAfter(after, direction, () => child.kill('SIGKILL'))
    await rotate()
    await proxy.settled()
    all.push(await remains(subject.near))
    proxy.close()
  })
  return all
}

/** The pieces in which a rotation passes that nobody disturbs. */
async function rehearse({ server, far, near }: KillSubject): Promise<readonly Piece[]> {
  const proxy = await startCuttingProxy([server])
  const { rotate, remains } = await startRotating(far(proxy.ports[0] ?? 0))
  const before = proxy.pieces.length
  await rotate()
  const pieces = proxy.pieces.slice(before)
  expect(await remains(near)).toEqual({ token: 'new', killed: false })
  proxy.close()
  return pieces
}

interface Moment {
  readonly direction: Direction
  readonly after: number
}

function momentsOf(pieces: readonly Piece[]): Moment[] {
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
  near: SessionStore & SessionIndex,
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
