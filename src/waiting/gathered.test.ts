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
