import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { memoryStore } from '../stores/memory.ts'
import type { SessionStore } from '../stores/store.ts'
import { revocationsIn } from './revocations.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Revocations in a store that takes the nth note for a user and no other: somebody else was always faster. */
async function contested(winning: number) {
  const inner = memoryStore()
  const calls = { replace: 0 }
  const store: SessionStore = {
    ...inner,
    replace: (was, id, record) => {
      if (++calls.replace > 1000) throw new Error('asked for ever')
      return calls.replace === winning ? inner.replace(was, id, record) : Promise.resolve(false)
    },
  }
  const revocations = revocationsIn(store, { now: () => 1_000_000, absoluteMs: 1000 })
  await revocations.addAll('ada', '')
  return { revocations, calls }
}

it('all sessions of a user end also if another server notes the same at that moment, again and again', async () => {
  const { revocations, calls } = await contested(20)
  const before = await revocations.notBefore('ada')
  const ending = revocations.addAll('ada', '')
  await vi.runAllTimersAsync()
  await ending
  expect(calls.replace).toBe(20)
  expect(await revocations.notBefore('ada')).toBeGreaterThan(before)
})

it('a store that never takes the note is given up, with an error and pauses before', async () => {
  const { revocations, calls } = await contested(Number.POSITIVE_INFINITY)
  const ending = expect(revocations.addAll('ada', '')).rejects.toMatchObject({ code: 'SESSION_CONFLICT' })
  await vi.runAllTimersAsync()
  await ending
  expect(calls.replace).toBe(64)
})
