import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { LatelyOpened } from './lately-opened.ts'

const megabyte = 1024 * 1024

/** What was lately opened, by a clock that stands still. */
function lately() {
  const clock = { ms: 0 }
  const opened = new LatelyOpened(() => clock.ms)
  const value = (end: string, length = 100): string => end.padStart(length, 'x')
  const come = (end: string, bytes = 0): string => {
    const cookieValue = value(end)
    opened.set({ cookieValue, payload: '.'.repeat(bytes), id: end, expiresAt: new Date(0), version: '' })
    return cookieValue
  }
  const keep = (end: string, bytes = 0): string => {
    come(end, bytes)
    return come(end, bytes)
  }
  return { clock, opened, come, keep, value }
}

describe('a cookie value that was opened', () => {
  it('is not kept before it comes a second time', () => {
    const { opened, come } = lately()
    const value = come('ada')
    expect(opened.get(value)).toBeUndefined()
    come('ada')
    expect(opened.get(value)?.id).toBe('ada')
  })

  it('is not kept where thousands come in turn', () => {
    const { opened, come } = lately()
    const crowd = Array.from({ length: 4096 }, () => randomBytes(32).toString('base64url'))
    for (let turn = 0; turn < 3; turn++) for (const end of crowd) come(end)
    const kept = crowd.filter(end => opened.get(come(end)))
    expect(kept.length, `of ${crowd[0]} and the others`).toBeLessThan(1024)
  })

  it('is known again, with what it led to, for five seconds at least and less than ten', () => {
    for (const startedAt of [0, 1, 2500, 4999, 5000, 123_456_789]) {
      const { clock, opened, keep } = lately()
      clock.ms = startedAt
      const value = keep('ada')
      for (const [age, known] of [0, 1, 4999].map(ms => [ms, 'ada'] as const)) {
        clock.ms = startedAt + age
        expect([startedAt, age, opened.get(value)?.id]).toEqual([startedAt, age, known])
      }
      clock.ms = startedAt + 10_000
      expect([startedAt, opened.get(value)]).toEqual([startedAt, undefined])
    }
  })

  it('is not known for longer because others were asked for meanwhile, at whatever moments', () => {
    for (let step = 100; step < 10_000; step += 137) {
      const { clock, opened, keep } = lately()
      const value = keep('ada')
      for (let now = step; now < 30_000; now += step) {
        clock.ms = now
        keep(String(now))
        if (now >= 10_000) expect([step, now, opened.get(value)]).toEqual([step, now, undefined])
      }
    }
  })

  it('is known as a whole: one that differs anywhere is another, also if it ends alike', () => {
    const { opened, keep, value } = lately()
    const known = keep('ada')
    for (let at = 0; at < known.length; at++) {
      expect(opened.get(`${known.slice(0, at)}!${known.slice(at + 1)}`)).toBeUndefined()
    }
    for (const other of [known.slice(1), `x${known}`, value('ada', 32), value('ada', 3), '']) {
      expect(opened.get(other)).toBeUndefined()
    }
    expect(opened.get(known)?.id).toBe('ada')
  })

  it('gives way when four megabytes are kept, the oldest first', () => {
    const { opened, keep } = lately()
    const values = Array.from({ length: 40 }, (_, i) => keep(String(i), megabyte / 10))
    const known = values.filter(value => opened.get(value))
    // A tenth of a megabyte of text takes a fifth, if it has letters beyond Latin-1.
    expect(known.length).toBeGreaterThanOrEqual(9)
    expect(known.length).toBeLessThanOrEqual(20)
    expect(known).toEqual(values.slice(-known.length))
  })

  it('is not kept if it alone is too long', () => {
    const { opened, keep } = lately()
    const small = keep('small')
    const large = keep('large', 3 * megabyte)
    expect([opened.get(large), opened.get(small)?.id]).toEqual([undefined, 'small'])
  })
})
