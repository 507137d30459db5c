import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { SessionRecord } from '../../src/stores/store.ts'
import type { Order, Outcome } from './file-store-process.ts'

/** A process that uses a fileStore. */
export interface Worker {
  readonly child: ChildProcess
  /** What came of the order; undefined if the process died of it. */
  tell(order: Order): Promise<Outcome | undefined>
}

interface WorkerOptions {
  /** The command that runs the process, with its arguments. */
  readonly through?: readonly string[]
  readonly uid?: number
  readonly gid?: number
}

/** Starts a process that uses a fileStore on this directory. */
export async function startWorker(
  directory: string,
  { through = [], ...identity }: WorkerOptions = {},
): Promise<Worker> {
  const script = join(import.meta.dirname, 'file-store-process.ts')
  const [command = '', ...args] = [...through, process.execPath, script, directory]
  const child = spawn(command, args, {
    ...identity,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // One thread makes all calls of the file system, one after another.
    env: { ...process.env, UV_THREADPOOL_SIZE: '1', UV_USE_IO_URING: '0' },
  })
  await once(child, 'message')
  return {
    child,
    async tell(order) {
      child.send(order)
      const [outcome] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [])])
      return outcome
    },
  }
}

/** Names of new directories, which are removed when the tests of the file are over. */
export function newDirectories(): () => string {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-files-'))
  // Processes of another user have to get through it.
  chmodSync(folder, 0o711)
  afterAll(() => rmSync(folder, { recursive: true }))
  let count = 0
  return () => join(folder, String(++count))
}

export function idOf(name: string): string {
  return createHash('sha256').update(name).digest('base64url')
}

export function recordOf(payload: string): SessionRecord {
  const now = Date.now()
  return { payload, createdAt: new Date(now), expiresAt: new Date(now + 3_600_000), index: {} }
}
