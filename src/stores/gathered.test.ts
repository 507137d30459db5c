import { describe, expect, it, vi } from 'vitest'
import { type Call, gathered } from './gathered.ts'

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Doubles numbers, and notes which of them it was asked for together. */
function doubling() {
  const groups: number[][] = []
  const double = gathered((calls: readonly Call<number, number>[]) => {
    groups.push(calls.map(({ asked }) => asked))
    for (const { asked, resolve } of calls) {
      if (asked < 0) throw new Error('negative')
      resolve(asked * 2)
    }
  })
  return { double, groups }
}

describe('gathered', () => {
  it('answers together what is asked for in one turn of the event loop', async () => {
    const { double, groups } = doubling()
    expect(await Promise.all([double(1), double(2), Promise.resolve().then(() => double(3))])).toEqual([2, 4, 6])
    expect(groups).toEqual([[1, 2, 3]])
  })

  it('answers with them what comes in the next turn, since requests of one moment are read over a few', async () => {
    const { double, groups } = doubling()
    const later = turn().then(() => double(2))
    expect(await Promise.all([double(1), later])).toEqual([2, 4])
    expect(groups).toEqual([[1, 2]])
  })

  it('waits three turns at most, however many go on to come', async () => {
    const { double, groups } = doubling()
    let asked = 0
    const first = double(++asked)
    const others: Promise<number>[] = []
    for (let n = 0; n < 6; n++) {
      others.push(double(++asked))
      await turn()
    }
    await Promise.all([first, ...others])
    expect(groups.length).toBeGreaterThan(1)
    expect(groups[0]?.length).toBeLessThan(5)
  })

  it('answers what is asked for later by itself', async () => {
    const { double, groups } = doubling()
    expect(await double(1)).toBe(2)
    await turn()
    expect(await double(2)).toBe(4)
    expect(groups).toEqual([[1], [2]])
  })

  it('gives an error to all that have no answer yet', async () => {
    const { double } = doubling()
    const outcomes = await Promise.allSettled([double(1), double(-1), double(2)])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(await double(3)).toBe(6)
  })

  it('answers a hundred at once, and no empty group', async () => {
    const { double, groups } = doubling()
    await Promise.all(Array.from({ length: 250 }, (_, i) => double(i)))
    await double(1)
    expect(groups.map(group => group.length)).toEqual([100, 100, 50, 1])
  })

  it('answers by itself what is large', async () => {
    const groups: number[] = []
    const length = gathered<string, number>(
      calls => {
        groups.push(calls.length)
        for (const { asked, resolve } of calls) resolve(asked.length)
      },
      text => text.length > 3,
    )
    expect(await Promise.all(['a', 'much', 'b'].map(length))).toEqual([1, 4, 1])
    expect(groups).toEqual([1, 2])
  })

  it('answers each call alone in a worker of Cloudflare, where no request can wait for what another has begun', async () => {
    vi.resetModules()
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    try {
      const { gathered: inWorker } = await import('./gathered.ts')
      const groups: number[] = []
      const double = inWorker<number, number>(calls => {
        groups.push(calls.length)
        for (const { asked, resolve } of calls) resolve(asked * 2)
      })
      expect(await Promise.all([double(1), double(2)])).toEqual([2, 4])
      expect(groups).toEqual([1, 1])
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('goes on while a test has stopped the clocks', async () => {
    const { double } = doubling()
    vi.useFakeTimers()
    try {
      expect(await double(1)).toBe(2)
    } finally {
      vi.useRealTimers()
    }
  })
})
