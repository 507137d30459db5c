import { expect, it } from 'vitest'
import { siteOf } from './kit.ts'

const nested = (depth: number, inner = '1') => JSON.parse(`${'['.repeat(depth)}${inner}${']'.repeat(depth)}`)

it('JSON of 20 kB from a client, deeply nested: set throws a RangeError instead of VALUE_INVALID', async () => {
  const { browser } = siteOf()
  let code: unknown
  await browser.visit(s => {
    try {
      s.set('draft', nested(10_000))
    } catch (error) {
      code = (error as { code?: string }).code ?? String(error)
    }
  })
  expect(code).toBe('VALUE_INVALID')
})
