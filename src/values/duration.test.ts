import { describe, expect, it } from 'vitest'
import { type Duration, durationMs } from './duration.ts'

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['14d', 1_209_600_000],
  ] as const)('%s is %d ms', (text, ms) => {
    expect(durationMs(text, 'it')).toBe(ms)
  })

  it.each(['', '5', '5 m', '-5m', '0s', '1.5h', '1e3s', 'm', '5w', '9999999999d', ' 5m', '5m '])(
    '%j is refused',
    text => {
      expect(() => durationMs(text as Duration, 'idleTimeout')).toThrow(/DURATION_INVALID.*idleTimeout is .*'14d'/)
    },
  )

  it.each([null, undefined, 5, {}])('%j, from a program without types, is refused too', value => {
    expect(() => durationMs(value as never, 'idleTimeout')).toThrow('DURATION_INVALID')
  })
})
