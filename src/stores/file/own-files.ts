import { constants } from 'node:fs'
import { access, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

// Windows lacks some of these. A pipe that was planted must not hold up the read, hence O_NONBLOCK.
const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants

/** What `open` says of what is not there, of a symlink (Linux, then FreeBSD), and of a socket. */
const notAFile: readonly unknown[] = ['ENOENT', 'ELOOP', 'EMLINK', 'ENXIO']

/** The text of a file that this user made and that has no second name; null if there is none. */
export async function readOwnFile(path: string): Promise<string | null> {
  const file = await unless(notAFile, open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK))
  if (!file) return null
  try {
    const facts = await file.stat()
    const own = facts.isFile() && facts.nlink === 1 && facts.uid === (process.getuid?.() ?? facts.uid)
    return own ? await file.readFile('utf8') : null
  } finally {
    await file.close()
  }
}

/** Writes a file that does not exist yet, whole and down to the disk, or leaves nothing. */
export async function writeNewFile(path: string, text: string): Promise<void> {
  const bytes = Buffer.from(text)
  const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    // A full disk writes less than it was given, and no error: `writeFile` goes on until there is one.
    await file.writeFile(bytes)
    if ((await file.stat()).size !== bytes.length) throw new Error(`${path} was not written whole`)
    await file.sync()
  } catch (error) {
    await discard(path)
    throw error
  } finally {
    await file.close()
  }
}

/** Makes an empty file. False if there is something of that name. */
export async function makeEmptyFile(path: string): Promise<boolean> {
  const file = await unless(['EEXIST'], open(path, 'wx', 0o600))
  await file?.close()
  return file !== null
}

export function isThere(path: string): Promise<boolean> {
  return unlessMissing(access(path))
}

/** Removes a file. False if there is none. */
export function remove(path: string): Promise<boolean> {
  return unlessMissing(unlink(path))
}

/** Gives a file another name, in the same folder or another. False if there is none. */
export async function move(from: string, to: string): Promise<boolean> {
  if (!(await unlessMissing(rename(from, to)))) return false
  // The end of the old name first: should the system crash between the two, there is rather none than both.
  if (dirname(from) !== dirname(to)) await syncFolder(dirname(from))
  return true
}

/** Removes a file that means nothing any more. If that fails, a sweep will do it. */
export async function discard(path: string): Promise<void> {
  await remove(path).catch(() => undefined)
}

/** Brings down to the disk which names are in a folder. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** What a call of the file system gives; null if it fails for one of these reasons, which are answers. */
export async function unless<T>(codes: readonly unknown[], call: Promise<T>): Promise<T | null> {
  try {
    return await call
  } catch (error) {
    if (error instanceof Error && 'code' in error && codes.includes(error.code)) return null
    throw error
  }
}

async function unlessMissing(call: Promise<unknown>): Promise<boolean> {
  return (
    (await unless(
      ['ENOENT'],
      call.then(() => true),
    )) ?? false
  )
}
