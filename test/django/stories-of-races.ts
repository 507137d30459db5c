import { expect, it } from 'vitest'
import type { TwoSites } from './stories.ts'
import { Visitor } from './two-sites.ts'

/** Both sites at work on one session at the same time. */
export function tellOfRaces(newVisitor: () => Visitor, sites: () => TwoSites): void {
  it('200 increments, half of them by each side: those here run in parallel, those of Django one at a time', async () => {
    const visitor = newVisitor()
    const { django, another } = sites()
    await visitor.django('/count')
    const other = new Visitor(django, another, visitor)
    for (let round = 0; round < 10; round++) {
      for (let i = round === 0 ? 1 : 0; i < 10; i++) await visitor.django('/count')
      await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? visitor : other).keepsake('/count')))
    }
    expect(await visitor.keepsake('/dump')).toMatchObject({ data: { count: 200 } })
    expect(await visitor.django('/dump')).toMatchObject({ json: '{"count": 200}' })
  })

  it('200 increments, half of them by each side, all in parallel: here none fails, whatever Django overwrites', async () => {
    const visitor = newVisitor()
    await visitor.django('/put?json={"count":0}')
    const here = Array.from({ length: 100 }, () => visitor.status('keepsake', '/count'))
    const there = Array.from({ length: 100 }, () => visitor.status('django', '/count'))
    expect([...new Set(await Promise.all(here))]).toEqual([200])
    await Promise.all(there)
    const { data } = (await visitor.keepsake('/dump')) as { data: { count: number } }
    expect(data.count).toBeGreaterThan(0)
    expect(data.count).toBeLessThanOrEqual(200)
  })

  it('what Django saves while a request runs here is not overwritten', async () => {
    const visitor = newVisitor()
    await visitor.django('/count')
    const { keepsake } = sites()
    keepsake.meanwhile = async () => {
      await visitor.django('/put?json={"cart":["tea"]}')
      await visitor.django('/count')
    }
    expect(await visitor.status('keepsake', '/count_meanwhile')).toBe(200)
    expect(await visitor.keepsake('/dump')).toMatchObject({ data: { count: 3, cart: ['tea'] } })
    expect(await visitor.django('/count')).toEqual({ count: 4 })
  })

  it('a logout with Django while a request runs here holds', async () => {
    const visitor = newVisitor()
    await visitor.django('/count')
    const window = visitor.copy()
    sites().keepsake.meanwhile = () => visitor.django('/log_out')
    expect(await window.status('keepsake', '/count_meanwhile')).toBe(409)
    expect(await window.keepsake('/dump')).toMatchObject({ data: {} })
    expect(await window.django('/dump')).toMatchObject({ json: '{}' })
  })

  it('a logout here while another request runs here holds, for Django too', async () => {
    const visitor = newVisitor()
    await visitor.django('/count')
    const [window, third] = [visitor.copy(), visitor.copy()]
    sites().keepsake.meanwhile = () => visitor.keepsake('/log_out')
    expect(await window.status('keepsake', '/count_meanwhile')).toBe(409)
    expect(await third.django('/dump')).toMatchObject({ json: '{}' })
  })
}
