import { expect, it } from 'vitest'
import { z } from 'zod'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { siteOf } from './kit.ts'

it('list hands out data that the schema refuses, typed as if it fitted', async () => {
  const store = memoryStore()
  const before = siteOf(store as never)
  await before.browser.visit(s => {
    s.rotate({ userId: 'ada' })
    s.set('count', 'three')
  })
  const sessions = createSessions({ store, schema: z.object({ count: z.number().optional() }) })
  const [info] = await sessions.list('ada')
  const count: number | undefined = info?.data.count
  expect(typeof count).not.toBe('string')
})
