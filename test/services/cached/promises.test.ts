import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { describeWithService } from '../describe-with-service.ts'
import { countsRight, endsForGood, keepsBoth } from '../promises.ts'

const folder = mkdtempSync(join(tmpdir(), 'keepsake-cached-'))
afterAll(() => rmSync(folder, { recursive: true }))

const sqlite = (name: string) => ({ type: 'sqlite', file: join(folder, name) }) as const

describe('an SQLite file behind a cache in each process', () => {
  const description = { type: 'cached', store: sqlite('own.db') } as const
  countsRight(description)
  keepsBoth(description)
  endsForGood(description)
})

describeWithService('redis', redis => {
  describe('as a cache that all processes share, in front of an SQLite file', () => {
    const description = { type: 'cached', store: sqlite('shared.db'), redis } as const
    countsRight(description)
    keepsBoth(description)
    endsForGood(description)
  })
})
