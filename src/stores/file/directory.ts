import { createHash } from 'node:crypto'
import { mkdirSync, statSync } from 'node:fs'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { KeepsakeError } from '../../errors.ts'
import { syncFolder, unless } from './own-files.ts'

/** Where the files of one record are. */
export interface Place {
  readonly id: string
  readonly folder: string
  /** What the names of its labels begin with: a hash of the id, since some file systems do not tell A from a. */
  readonly key: string
}

/** Names of versions, and of the texts that they are: random, and when they expire, so that a sweeper need open nothing. */
export const versionName: RegExp = /^[0-9a-f]{32}\.-?\d{1,16}$/

/** The directory of a store: two levels of folders, named by the first four digits of the keys in them. */
export class Directory {
  readonly #root: string

  /** Makes it if it is not there. Throws if others can put files in it: they could bring back what was logged out. */
  constructor(path: string) {
    this.#root = resolve(path)
    mkdirSync(this.#root, { recursive: true, mode: 0o700 })
    const { uid, mode } = statSync(this.#root)
    if (uid === (process.getuid?.() ?? uid) && (mode & 0o022) === 0) return
    const remedy = `give it one inside, which it makes: fileStore(${JSON.stringify(join(path, 'sessions'))})`
    throw new KeepsakeError(
      'OPTION_INVALID',
      `fileStore's directory (${this.#root}): others own it or may write to it; ${remedy}`,
    )
  }

  placeOf(id: string): Place {
    const key = createHash('sha256').update(id).digest('hex')
    return { id, key, folder: join(this.#root, key.slice(0, 2), key.slice(2, 4)) }
  }

  /**
   * The versions of the labels that a record has: one, or none. Linux lists a folder of up to 170 records in one step, and what
   * is renamed meanwhile is seen before or after. Elsewhere it may be missed, so absence takes two looks.
   */
  async versionsOf({ key, folder }: Place): Promise<string[]> {
    const found = await this.#labels(folder, key)
    return found.length > 0 ? found : this.#labels(folder, key)
  }

  async #labels(folder: string, key: string): Promise<string[]> {
    const entries = await unless(['ENOENT'], readdir(folder, { withFileTypes: true }))
    // A folder that was never needed is no news, but when the whole directory is gone (its disk is not mounted), nobody can tell.
    if (!entries) await stat(this.#root)
    const labels = entries?.filter(entry => entry.name.startsWith(`${key}.`) && entry.isFile()) ?? []
    return labels.map(({ name }) => name.slice(key.length + 1)).filter(name => versionName.test(name))
  }

  /** Makes the two levels of a folder, for good. */
  async makeFolder(folder: string): Promise<void> {
    const outer = join(folder, '..')
    for (const path of [outer, folder]) await unless(['EEXIST'], mkdir(path, 0o700))
    await syncFolder(this.#root)
    await syncFolder(outer)
  }

  /** All folders, beginning with those of two digits or higher, and then the rest. */
  async *folders(first: string): AsyncGenerator<{ digits: string; folder: string }> {
    const outer = (await readdir(this.#root)).filter(isTwoDigits).sort()
    for (const digits of [...outer.filter(name => name >= first), ...outer.filter(name => name < first)]) {
      const inner = await readdir(join(this.#root, digits))
      for (const name of inner.filter(isTwoDigits)) yield { digits, folder: join(this.#root, digits, name) }
    }
  }
}

function isTwoDigits(name: string): boolean {
  return /^[0-9a-f]{2}$/.test(name)
}
