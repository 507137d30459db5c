import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { versionName } from './directory.ts'
import { discard, remove, unless } from './own-files.ts'

const label = /^[0-9a-f]{64}\.([0-9a-f]{32}\.(-?\d{1,16}))$/
const claim = /^[0-9a-f]{64}\.claim$/

/** No save takes a day. Only a crash leaves a text without a label, or a claim, for so long. */
const dayMs = 86_400_000

/** Removes up to `limit` expired records of one folder, and what crashes left there. Tells how many records. */
export async function sweepFolder(folder: string, now: number, limit: number): Promise<number> {
  const names = await readdir(folder)
  const labelled = new Set<string>()
  let removed = 0
  for (const name of names) {
    const [, version = '', expiry] = label.exec(name) ?? []
    if (!expiry) continue
    // One that is renewed or swept by another at this moment has another label or none: it is not removed, and not counted.
    const due = Number(expiry) <= now && removed < limit
    if (due && (await remove(join(folder, name)))) {
      removed++
      await discard(join(folder, version))
    } else labelled.add(version)
  }
  for (const name of names) {
    if (claim.test(name) || (versionName.test(name) && !labelled.has(name))) await removeOld(join(folder, name))
  }
  return removed
}

async function removeOld(path: string): Promise<void> {
  const facts = await unless(['ENOENT'], lstat(path))
  if (facts && facts.mtimeMs < Date.now() - dayMs) await discard(path)
}
