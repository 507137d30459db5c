import { describe, expect, it } from 'vitest'
import { createSessions } from '../create-sessions.ts'
import { memoryStore } from '../stores/memory.ts'
import { fakeClock } from './fake-clock.ts'

describe('fakeClock', () => {
  it('stands still', () => {
    const clock = fakeClock()
    expect(clock()).toBe(clock())
  })

  it('starts at a date that is always the same, or at a given one', () => {
    expect(fakeClock()()).toBe(fakeClock()())
    expect(fakeClock(new Date(12_345))()).toBe(12_345)
  })

  it('advances by a duration', () => {
    const clock = fakeClock(new Date(0))
    clock.advance('2h')
    expect(clock()).toBe(7_200_000)
    clock.advance('15ms')
    expect(clock()).toBe(7_200_015)
  })

  it('refuses what is not a duration', () => {
    expect(() => fakeClock().advance('2 hours' as never)).toThrow(/DURATION_INVALID.*2 hours/)
  })

  it('is set to a date, later or earlier', () => {
    const clock = fakeClock()
    clock.set(new Date(99))
    expect(clock()).toBe(99)
  })

  it('is a clock for sessions', async () => {
    const sessions = createSessions({ store: memoryStore(), clock: fakeClock() })
    expect(await sessions.clearExpired()).toBe(0)
  })
})
