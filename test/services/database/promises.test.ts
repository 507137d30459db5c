import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { countsRight, endsForGood, keepsBoth } from '../promises.ts'
import type { StoreDescription } from '../workers/store-description.ts'
import { describeOnServers } from './sql-database.ts'

function keepsThePromises(description: StoreDescription): void {
  countsRight(description)
  keepsBoth(description)
  endsForGood(description, 2000)
}

describe('sqlite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-promises-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  keepsThePromises({ type: 'sqlite', file: join(folder, 'sessions.db') })
})

describeOnServers(({ kind, address: { connection } }) => keepsThePromises({ type: kind, connection }))
