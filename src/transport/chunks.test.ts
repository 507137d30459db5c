import { describe, expect, it } from 'vitest'
import { chunkLength, chunksOf, joinChunks, longestValue, mostChunks } from './chunks.ts'

describe('a value in chunks', () => {
  it('comes back whole, whatever its length', () => {
    const lengths = [
      0,
      1,
      chunkLength - 1,
      chunkLength,
      chunkLength + 1,
      2 * chunkLength - 3,
      2 * chunkLength,
      longestValue,
    ]
    for (const length of lengths) {
      const value = 'x'.repeat(length)
      const [first = '', ...others] = chunksOf(value)
      expect([length, joinChunks(first, index => others.slice(index - 1, index))]).toEqual([length, value])
      expect([first, ...others].every(chunk => chunk.length <= chunkLength)).toBe(true)
    }
  })

  it('GHSA-2mr3-m5q5-wgp6, CVE-2026-25899: is looked for in four cookies at most, whatever number a client writes', () => {
    for (const count of ['9', '0', '1', '-1', '99', '4294967295', '1e9', '0x4', 'Infinity', '']) {
      const asked: number[] = []
      expect([count, joinChunks(`~${count}.x`, index => [String(asked.push(index))])]).toEqual([count, ''])
      expect(asked).toEqual([])
    }
    const asked: number[] = []
    joinChunks(`~${mostChunks}.x`, index => [String(asked.push(index))])
    expect(asked).toEqual([1, 2, 3])
  })
})
