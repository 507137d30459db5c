import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Directory, type Place, versionName } from './file/directory.ts'
import {
  discard,
  isThere,
  makeEmptyFile,
  move,
  readOwnFile,
  remove,
  syncFolder,
  unless,
  writeNewFile,
} from './file/own-files.ts'
import { payloadIn, recordText } from './file/record-text.ts'
import { sweepFolder } from './file/sweep.ts'
import type { ExpirySweep, SessionRecord, SessionStore, StoredRecord } from './store.ts'

/**
 * Keeps records in files of a directory, for the processes of one machine. What was saved survives a crash of the process and
 * of the system. It has no index: `list` and `revokeAll` need another store. `docs/stores/file.md` has the details.
 *
 * A record is two files: its text, under the name of its version, which is never written to again; and its label, an empty
 * file whose name says the id and the version. A new state is a new text, and then one `rename(2)` of the label, to another
 * version or also to another id. That is compare and swap: of several processes that rename one label exactly one succeeds,
 * the others find it gone, as they do after a delete. And it is one step: whenever a process is killed, the label has the old
 * name or the new one. So there are no locks, and none to be broken when their owner died.
 *
 * @example
 * const sessions = createSessions({ store: fileStore('/var/lib/shop/sessions') })
 */
export function fileStore(directory: string): SessionStore & ExpirySweep {
  return new FileStore(new Directory(directory))
}

class FileStore implements SessionStore, ExpirySweep {
  readonly #directory: Directory
  #sweptUpTo = ''

  constructor(directory: Directory) {
    this.#directory = directory
  }

  async read(id: string): Promise<StoredRecord | null> {
    const place = this.#directory.placeOf(id)
    for (let before: string | undefined; ; ) {
      const versions = await this.#directory.versionsOf(place)
      for (const version of versions) {
        const text = await readOwnFile(join(place.folder, version))
        const payload = text === null ? null : payloadIn(text, id, version)
        if (payload !== null) return { payload, expiresAt: expiryOf(version), version }
      }
      // A text that is gone was replaced since its label was seen. A label that stays without one is no record.
      if (versions.join() === before || versions.length === 0) return null
      before = versions.join()
    }
  }

  create(id: string, record: SessionRecord): Promise<boolean> {
    const place = this.#directory.placeOf(id)
    return this.#claiming(place, () => this.#save(place, record, makeEmptyFile))
  }

  async replace(was: { id: string; version: string }, id: string, record: SessionRecord): Promise<boolean> {
    const [from, to] = [this.#directory.placeOf(was.id), this.#directory.placeOf(id)]
    const label = labelOf(from, was.version)
    // Who has already lost need not write anything.
    if (!versionName.test(was.version) || !(await isThere(label))) return false
    const save = (): Promise<boolean> => this.#save(to, record, next => move(label, next))
    const done = await (id === was.id ? save() : this.#claiming(to, save))
    if (done) await discard(join(from.folder, was.version))
    return done
  }

  async delete(id: string): Promise<void> {
    const place = this.#directory.placeOf(id)
    for (;;) {
      const versions = await this.#directory.versionsOf(place)
      if (versions.length === 0) return
      for (const version of versions) {
        await remove(labelOf(place, version))
        await discard(join(place.folder, version))
      }
      await syncFolder(place.folder)
    }
  }

  /** Goes on in the folder where it stopped the last time: to begin anew each time would look at what lives again and again. */
  async deleteExpired(now: Date, { limit }: { limit: number }): Promise<number> {
    let removed = 0
    for await (const { digits, folder } of this.#directory.folders(this.#sweptUpTo)) {
      this.#sweptUpTo = digits
      if (removed >= limit) break
      removed += await sweepFolder(folder, now.getTime(), limit - removed)
    }
    return removed
  }

  /** Runs what gives an id its first label. Only who made the id's claim may, and only while there is none: two would both find none. */
  async #claiming(place: Place, task: () => Promise<boolean>): Promise<boolean> {
    const claim = labelOf(place, 'claim')
    const claimed = await this.#inFolder(place, () => makeEmptyFile(claim))
    if (!claimed) return false
    try {
      const taken = (await this.#directory.versionsOf(place)).length > 0
      return !taken && (await task())
    } finally {
      await discard(claim)
    }
  }

  /** Writes the text of a new state, and then lets `label` make it count. False, and nothing is left, if that could not. */
  async #save(
    place: Place,
    { payload, expiresAt }: SessionRecord,
    label: (path: string) => Promise<boolean>,
  ): Promise<boolean> {
    const version = `${randomBytes(16).toString('hex')}.${expiresAt.getTime()}`
    const text = join(place.folder, version)
    await writeNewFile(text, recordText(place.id, version, payload))
    const done = await label(labelOf(place, version))
    await (done ? syncFolder(place.folder) : discard(text))
    return done
  }

  async #inFolder<T>({ folder }: Place, make: () => Promise<T>): Promise<T> {
    const made = await unless(
      ['ENOENT'],
      make().then(value => ({ value })),
    )
    if (made) return made.value
    await this.#directory.makeFolder(folder)
    return make()
  }
}

function labelOf({ folder, key }: Place, version: string): string {
  return join(folder, `${key}.${version}`)
}

function expiryOf(version: string): Date {
  return new Date(Number(version.slice(version.indexOf('.') + 1)))
}
