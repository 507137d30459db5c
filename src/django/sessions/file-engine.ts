import { createHash, randomBytes } from 'node:crypto'
import { closeSync, constants, openSync, readFileSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs'
import { link, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { KeepsakeError } from '../../errors.ts'
import { discard, unless, writeNewFile } from '../../stores/file/own-files.ts'
import { sessionFileName } from '../session-key.ts'
import type { DjangoEngine } from './engine.ts'
import { endFrom } from './expiry-choice.ts'
import { type DjangoRecord, type DjangoStore, keyedEngine } from './keyed-engine.ts'
import { signedText } from './signed-text.ts'

/**
 * Django's engine `file`: one file a session in `SESSION_FILE_PATH`, which has to be named here too. Both sites have to run on
 * one machine, as one user, and with the same `SESSION_COOKIE_NAME`, which begins the names of the files.
 */
export function fileEngine(directory: string): DjangoEngine {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new KeepsakeError('OPTION_INVALID', `fileEngine: ${JSON.stringify(directory)} is no directory`)
  }
  return settings => {
    const text = signedText(settings)
    const endOf = (payload: string, savedAt: number): number => endFrom(text.read(payload), savedAt, settings.idleMs)
    return { engine: keyedEngine(new SessionFiles(directory, settings.cookieName, endOf)), text }
  }
}

/** Longer than any holder takes: whoever held it is gone. */
const staleMs = 10_000

/**
 * Files as Django writes them: whole, under another name, which is then changed. Django knows no locks, so against its writes the
 * comparison and the change of name are two steps, with nothing between; among processes of ours there is a lock.
 */
class SessionFiles implements DjangoStore {
  readonly #directory: string
  readonly #cookieName: string
  readonly #endOf: (payload: string, savedAt: number) => number

  constructor(directory: string, cookieName: string, endOf: (payload: string, savedAt: number) => number) {
    this.#directory = directory
    this.#cookieName = cookieName
    this.#endOf = endOf
  }

  async read(key: string): Promise<DjangoRecord | null> {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
    const file = await unless(['ENOENT', 'ELOOP'], open(this.#path(key), O_RDONLY | O_NOFOLLOW | O_NONBLOCK))
    if (!file) return null
    try {
      const facts = await file.stat()
      if (!facts.isFile()) return null
      const payload = await file.readFile('latin1')
      return { payload, end: this.#endOf(payload, facts.mtimeMs) }
    } finally {
      await file.close()
    }
  }

  async create(key: string, { payload }: DjangoRecord): Promise<boolean> {
    return this.#withText(payload, async path => {
      const done = await unless(
        ['EEXIST'],
        link(path, this.#path(key)).then(() => true),
      )
      return done ?? false
    })
  }

  async replace(
    was: { readonly key: string; readonly payload: string },
    key: string,
    { payload }: DjangoRecord,
  ): Promise<boolean> {
    return this.#withText(payload, async path => {
      const unlock = this.#lock(was.key)
      if (!unlock) return false
      try {
        if (textOf(this.#path(was.key)) !== was.payload) return false
        // The old key leads nowhere before the new one leads here.
        if (key !== was.key) unlinkSync(this.#path(was.key))
        renameSync(path, this.#path(key))
        return true
      } finally {
        unlock()
      }
    })
  }

  async delete(key: string): Promise<void> {
    let unlock = this.#lock(key)
    for (; !unlock; unlock = this.#lock(key)) await wait(1)
    try {
      await unless(['ENOENT'], unlink(this.#path(key)))
    } finally {
      unlock()
    }
  }

  /** Runs a task with the text in a file of its own, whose name is none of Django's. */
  async #withText(text: string, task: (path: string) => Promise<boolean>): Promise<boolean> {
    const path = this.#hidden(randomBytes(12).toString('hex'))
    await writeNewFile(path, text)
    try {
      return await task(path)
    } finally {
      await discard(path)
    }
  }

  /** What gives the lock of a key back; null if another process has it. */
  #lock(key: string): (() => void) | null {
    const path = this.#hidden(`lock-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`)
    try {
      closeSync(openSync(path, 'wx', 0o600))
      return () => rmSync(path, { force: true })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
      if (age > staleMs) rmSync(path, { force: true })
      return null
    }
  }

  #path(key: string): string {
    return join(this.#directory, sessionFileName(key, this.#cookieName))
  }

  #hidden(name: string): string {
    return join(this.#directory, `.keepsake-${name}`)
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
