import { describe, expect, it } from 'vitest'
import { type Pair, quietPace, shareAbove } from './pairs.ts'

/** A line and the bare framework, in microseconds per request. */
const pair = (own: number, bare: number): Pair => ({ own: slice(own), bare: slice(bare) })
const slice = (each: number) => ({ cpu: each * 1000, requests: 1000, seconds: 0.1 })

describe('what a line costs above the bare framework', () => {
  it('is the same while a neighbour slows the machine as it is at other times', () => {
    const paces = [1, 1, 1.5, 1.6, 1.5, 1, 1, 2]
    expect(shareAbove(paces.map(pace => pair(40 * pace, 30 * pace)))).toBeCloseTo(1 / 3)
  })

  it('is not moved by a neighbour who came or went within a pair', () => {
    const calm = Array.from({ length: 6 }, () => pair(33, 30))
    expect(shareAbove([...calm, pair(60, 30), pair(33, 50)])).toBeCloseTo(0.1)
  })

  it('can be less than nothing, so that noise shows as noise', () => {
    expect(shareAbove([pair(29, 30), pair(29, 30)])).toBeLessThan(0)
  })

  it('contains what only some of the slices met, as far as these are not the exception', () => {
    const half = [30, 30, 30, 30, 36, 36, 36, 36].map(own => pair(own, 30))
    expect(shareAbove(half)).toBeCloseTo(0.1)
  })
})

describe('the quiet pace', () => {
  it('is that of the fastest eighth of all slices of the bare framework', () => {
    const paces = [44, 45, 27, 40, 28, 46, 43, 29, 47, 48, 44, 45, 41, 43, 46, 44]
    expect(quietPace(paces.map(pace => pair(pace + 10, pace)))).toBe(28)
  })
})
