import { describe, expect, it } from 'vitest'
import type { Result } from './measure.ts'
import { steadiness } from './report.ts'
import { median, spread } from './statistics.ts'
import { judge, targetRows } from './targets.ts'
import { type Route, routes, variants } from './variants.ts'

describe('whether a target is reached', () => {
  const verdict = (values: readonly number[], atMost: number, divisors: readonly number[] | null = null): string =>
    judge(values, divisors, atMost).verdict

  it('is said when the limit lies outside of the spread', () => {
    expect(verdict([1.0, 1.1, 1.2, 1.3, 1.4], 1.5)).toBe('yes')
    expect(verdict([1.7, 1.8, 1.9, 2.0, 2.1], 1.5)).toBe('no')
  })

  it('cannot be told when the limit lies within the spread, on whichever side the median is', () => {
    expect(verdict([0.1, 0.9, 1.4, 1.9, 2.8], 1.5)).toBe('cannot tell')
    expect(verdict([0.2, 1.0, 1.6, 2.2, 3.0], 1.5)).toBe('cannot tell')
  })

  it('cannot be told of a session that would make a request cheaper: that is a machine that was busy', () => {
    expect(verdict([-18, -17, -16, -15, -14], 1.5)).toBe('cannot tell')
    expect(verdict([-0.4, -0.2, 0.0, 0.1, 0.3], 1.5)).toBe('yes')
  })

  it('cannot be told when what it is divided by was nothing or less in any round', () => {
    expect(verdict([1, 1, 1, 1, 1], 2, [1, 1, -1, 1, 1])).toBe('cannot tell')
    expect(verdict([1, 1, 1, 1, 1], 2, [1, 1, 0, 1, 1])).toBe('cannot tell')
  })

  it('cannot be told from fewer rounds than make a spread', () => {
    expect(verdict([1, 1], 1.5)).toBe('cannot tell')
  })

  it('is judged by the ratio of each round, so that a round in which all was slow changes nothing', () => {
    const { middle, spread, verdict } = judge([10, 40, 10, 20, 10], [20, 80, 20, 40, 20], 0.6)
    expect({ middle, spread, verdict }).toEqual({ middle: 0.5, spread: 0, verdict: 'yes' })
  })
})

describe('the table of targets', () => {
  it('has a row of each target whose lines were measured, with the spread', () => {
    const results = [resultWith('redis', { read: [20, 22, 21] }), resultWith('redis-floor', { read: [10, 11, 10] })]
    expect(targetRows(results)).toEqual([
      ['to reach', 'measured', 'at most', 'reached', 'the least'],
      ['redis, read / redis-floor', '2.00 ±0.00', '1.50', 'no', ''],
    ])
  })

  it('shows the least of a session where even that is more than may be reached', () => {
    const results = [
      resultWith('fastify-redis', { write: [30, 30, 30] }),
      resultWith('fastify-session-redis', { write: [28, 28, 28] }),
      resultWith('fastify-redis-least', { write: [21, 21, 21] }),
    ]
    expect(targetRows(results)).toContainEqual([
      'fastify-redis, write / fastify-session-redis',
      ...['1.07 ±0.00', '0.50', 'no', '0.75'],
    ])
  })

  it('names no line that the bench does not have', () => {
    const everything = variants.map(({ id }) =>
      resultWith(id, { untouched: [1, 1, 1], read: [1, 1, 1], write: [1, 1, 1] }),
    )
    const [, ...rows] = targetRows(everything)
    const [microseconds, ofExpressSession, pairs] = [15, 7, 13]
    expect(rows).toHaveLength(microseconds + ofExpressSession + 2 * pairs)
  })
})

describe('a run', () => {
  const calm = [20, 20.1, 20.2]

  it('says how much the bare frameworks themselves varied', () => {
    const bare = resultWith('express', { untouched: calm, read: [20, 20, 20], write: [20, 20, 20] })
    expect(steadiness([bare])).toContain('0.5 % at most (express, untouched)')
  })

  it('says what came out of the lines whose cost is known, and when it is to be repeated', () => {
    const said = (...found: number[]) =>
      steadiness(
        ['express-again', 'express-and-5'].map((id, i) =>
          resultWith(id, { untouched: [found[i] ?? 0], read: [i * 5 - 0.2], write: [i * 5 + 0.4] }),
        ),
      )
    expect(said(0.9, 5.1)).toContain('costs 0 µs came out as 0.9, -0.2, 0.4.')
    expect(said(0.9, 5.1)).toContain('costs 5 µs came out as 5.1, 4.8, 5.4.')
    expect(said(0.9, 5.1)).not.toContain('run it again')
    expect(said(-1.6, 5.1)).toContain('-1.6, -0.2, 0.4. That is far: run it again.')
    expect(said(0.9, 6.6)).toContain('6.6, 4.8, 5.4. That is far: run it again.')
  })
})

function resultWith(id: string, rounds: Partial<Record<Route, readonly number[]>>): Result {
  const variant = variants.find(one => one.id === id)
  if (!variant) throw new Error(`there is no ${id}`)
  const figures = routes.map(route => {
    const of = rounds[route] ?? []
    return [route, { cpu: median(of), spread: spread(of), rounds: of, perSecond: 0 }]
  })
  return { variant, figures: Object.fromEntries(figures), rssBytes: 0 }
}
