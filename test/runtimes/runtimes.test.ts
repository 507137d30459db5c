import { describe, expect, it } from 'vitest'
import { observe } from './observe.ts'
import { tableInPage, tableOf } from './table.ts'

// The runtimes are large, and are installed when this is first run: KEEPSAKE_RUNTIMES=1.
describe.skipIf(!process.env.KEEPSAKE_RUNTIMES)('the runtimes', () => {
  it('run what docs/runtimes.md says that they run', { timeout: 900_000 }, async () => {
    expect(tableOf(await observe())).toBe(tableInPage().table)
  })
})
