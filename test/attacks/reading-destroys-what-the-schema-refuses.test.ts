import { expect, it } from 'vitest'
import { z } from 'zod'
import { memoryStore } from '../../src/stores/memory.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { siteOf } from './kit.ts'

it('a deploy with another schema, and a visitor who only reads: after the rollback the data is gone', async () => {
  const store = memoryStore() as never
  const clock = fakeClock()
  const before = siteOf(store, { clock })
  await before.browser.visit(s => s.set('cart', ['milk']))
  const after = siteOf(store, {
    clock,
    schema: z.object({ cart: z.array(z.number()).optional() }) as never,
    onEvent: () => undefined,
  })
  after.browser.cookie = before.browser.cookie
  clock.advance('2d')
  await after.browser.see()
  expect(await before.browser.see()).toMatchObject({ cart: ['milk'] })
})
it('a schema with a required key: a visitor who only reads gets 500 at every request', async () => {
  const store = memoryStore() as never
  const clock = fakeClock()
  const before = siteOf(store, { clock })
  await before.browser.visit(s => s.set('count', 'three'))
  const after = siteOf(store, {
    clock,
    schema: z.object({ count: z.number() }) as never,
    onEvent: () => undefined,
  })
  after.browser.cookie = before.browser.cookie
  clock.advance('2d')
  expect([
    (await after.browser.visit(s => s.get('count'))).status,
    (await after.browser.visit(s => s.get('count'))).status,
  ]).toEqual([200, 200])
})
it('a payload of a later version (rolling deploy) is replaced by an empty one when an old process only reads it', async () => {
  const store = memoryStore()
  const clock = fakeClock()
  const site = siteOf(store as never, { clock, onEvent: () => undefined })
  await site.browser.visit(s => s.rotate({ userId: 'ada' }))
  const [id] = (await (site.sessions as never as { list(u: string): Promise<{ id: string }[]> }).list('ada')).map(
    i => i.id,
  )
  const record = await store.read(id ?? '')
  await store.replace({ id: id ?? '', version: record?.version ?? '' }, id ?? '', {
    payload: '{"v":2}',
    createdAt: new Date(),
    expiresAt: record?.expiresAt ?? new Date(),
    index: { userId: 'ada' },
  })
  clock.advance('2d')
  await site.browser.see()
  expect((await store.read(id ?? ''))?.payload).toBe('{"v":2}')
})
