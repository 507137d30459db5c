import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { countsRight, endsForGood, keepsBoth } from '../promises.ts'

const folder = mkdtempSync(join(tmpdir(), 'keepsake-files-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('a fileStore', () => {
  const description = { type: 'file', directory: join(folder, 'sessions') } as const
  countsRight(description)
  keepsBoth(description)
  endsForGood(description)
})
