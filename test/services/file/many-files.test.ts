import { createHash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, expect, it } from 'vitest'
import { createSessions } from '../../../src/create-sessions.ts'
import { recordText } from '../../../src/stores/file/record-text.ts'
import { fileStore } from '../../../src/stores/file.ts'
import type { Data } from '../../support/site.ts'
import { startBusyVisitors } from '../busy-visitors.ts'

/** As many records as a large site has, if asked for: KEEPSAKE_FILES=1000000. */
const records = Number(process.env.KEEPSAKE_FILES ?? 50_000)

const folder = mkdtempSync(join(roomyFolder(), 'keepsake-many-files-'))
afterAll(() => rmSync(folder, { recursive: true }), 60_000 + records)

it(
  `of ${records} records in files, nine in ten of them expired, a sweep removes those, and who is there notices nothing`,
  async () => {
    const now = Date.now()
    const store = fileStore(folder)
    const live = writeRecords(records, n => (n % 10 === 0 ? now + 3_600_000 : now - n))
    // The last batch looks through all 65,536 folders: a sweep may take longer for it than a request would wait.
    const sessions = createSessions<Data>({ store, storeDeadline: '100ms' })
    const visitors = await startBusyVisitors(store)
    const calm = await loopDelay(() => new Promise(resolve => setTimeout(resolve, 500)))
    let removed = 0
    const sweeping = await loopDelay(async () => {
      removed = await sessions.clearExpired()
    })
    await visitors.stop()
    // For whoever reads the log: how long requests wait depends on the machine, so nothing is asserted of it.
    console.info(
      `event loop delay, p99: ${calm} ms while nobody sweeps, ${sweeping} ms in a sweep of ${records} records`,
    )

    expect(removed).toBe(records * 0.9)
    expect(live).toHaveLength(records / 10)
    for (const id of live) expect(await store.read(id)).toMatchObject({ payload: id })
    expect(await sessions.clearExpired()).toBe(0)
  },
  60_000 + records,
)

/** In memory, where there is room: the disk of a machine that does other things too may take minutes for so many files. */
function roomyFolder(): string {
  const memory = '/dev/shm'
  if (!existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > records * 16_384 ? memory : tmpdir()
}

/** Writes records as the store would, but without waiting for the disk. Gives the ids of those that have not expired. */
function writeRecords(count: number, expiryOf: (n: number) => number): string[] {
  const live: string[] = []
  for (let n = 0; n < count; n++) {
    const id = randomBytes(32).toString('base64url')
    const key = createHash('sha256').update(id).digest('hex')
    const version = `${randomBytes(16).toString('hex')}.${expiryOf(n)}`
    const place = join(folder, key.slice(0, 2), key.slice(2, 4))
    mkdirSync(place, { recursive: true, mode: 0o700 })
    writeFileSync(join(place, version), recordText(id, version, id), { mode: 0o600 })
    closeSync(openSync(join(place, `${key}.${version}`), 'wx', 0o600))
    if (expiryOf(n) > Date.now()) live.push(id)
  }
  return live
}

/** How long the event loop was held up while something was done, in ms: what 99 of 100 turns stayed below. */
async function loopDelay(work: () => Promise<unknown>): Promise<string> {
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  await work()
  delays.disable()
  return (delays.percentile(99) / 1e6).toFixed(1)
}
