import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseStore } from '../../../src/stores/database/database-store.ts'
import { killAtEachCall, killAtEachPiece, type Remains, witnessOf } from '../killed-rotation.ts'
import { findBinary } from '../server.ts'
import { describeOnServers } from './sql-database.ts'

/** Some kills came before the rotation was done, some after; each of them left exactly one token. */
function expectOneToken(remains: readonly Remains[]): void {
  expect(remains.filter(({ killed }) => !killed)).toEqual([])
  expect(new Set(remains.map(({ token }) => token))).toEqual(new Set(['old', 'new']))
}

const story = 'a process that is killed at any step of a rotation leaves the old token valid or the new one, never both'

describeOnServers(({ kind, address: { connection }, pool }) => {
  const near = databaseStore(pool().handle)
  beforeAll(() => near.migrate())

  it(story, async () => {
    const far = ([port = 0]: readonly number[]) => ({ type: kind, connection: { ...connection, port } })
    const remains = await killAtEachPiece({ servers: [connection.port], far, near: witnessOf(near) })
    expectOneToken(remains)
  }, 180_000)
})

const skipsStrace = process.env.KEEPSAKE_REQUIRE_SERVICES !== '1' && !findBinary('strace')

describe.skipIf(skipsStrace)('SQLite (needs strace)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-killed-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it(story, async () => {
    const file = join(folder, 'sessions.db')
    const handle = new DatabaseSync(file)
    const near = databaseStore(handle)
    await near.migrate()
    // What changes a file, waits for the disk, or takes and gives back a lock.
    const kinds = ['pwrite64', 'fdatasync', 'fcntl']
    const remains = await killAtEachCall(kinds, { type: 'sqlite', file }, witnessOf(near))
    handle.close()
    expectOneToken(remains)
  }, 180_000)
})
