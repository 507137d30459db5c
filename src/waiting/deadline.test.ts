import { describe, expect, it, vi } from 'vitest'
import type { Awaitable } from './awaitable.ts'
import { Deadline } from './deadline.ts'

const ms = 30

/** A store that can be made to hang, and counts the calls that reach it. */
function hangingStore() {
  const waiting: ((value: string) => void)[] = []
  const store = {
    hangs: true,
    calls: 0,
    ask: (): Promise<string> => {
      store.calls++
      return store.hangs ? new Promise(resolve => waiting.push(resolve)) : Promise.resolve('answer')
    },
    wake: (): void => waiting.splice(0).forEach(resolve => void resolve('late')),
  }
  return store
}

const settle = (
  deadline: Deadline,
  ask: () => Promise<string>,
  times: number,
): Promise<PromiseSettledResult<string>[]> =>
  Promise.allSettled(Array.from({ length: times }, () => deadline.within(ask)))

const timeouts = (results: PromiseSettledResult<string>[]): number =>
  results.filter(result => result.status === 'rejected' && result.reason.code === 'STORE_TIMEOUT').length

describe('F3: a store that hangs', () => {
  it('is asked by all until five calls in a row got no answer, then by one request per deadline; the others fail at once', async () => {
    const store = hangingStore()
    const deadline = new Deadline(ms)
    expect(timeouts(await settle(deadline, store.ask, 5))).toBe(5)
    expect(store.calls).toBe(5)
    expect(timeouts(await settle(deadline, store.ask, 100))).toBe(100)
    expect(store.calls).toBe(6)
  })

  it('is asked by all again once it has answered one', async () => {
    const store = hangingStore()
    const deadline = new Deadline(ms)
    await settle(deadline, store.ask, 5)
    store.hangs = false
    expect(await deadline.within(store.ask)).toBe('answer')
    expect(timeouts(await settle(deadline, store.ask, 100))).toBe(0)
  })

  it('is asked by all again once it gives a late answer to a call that was given up', async () => {
    const store = hangingStore()
    const deadline = new Deadline(ms)
    await settle(deadline, store.ask, 6)
    store.hangs = false
    store.wake()
    await Promise.resolve()
    expect(timeouts(await settle(deadline, store.ask, 100))).toBe(0)
  })

  it('is not taken to hang while it answers others, however often one kind of call times out', async () => {
    const store = hangingStore()
    const deadline = new Deadline(ms)
    for (let round = 0; round < 3; round++) {
      store.hangs = true
      await settle(deadline, store.ask, 4)
      store.hangs = false
      await deadline.within(store.ask)
    }
    expect(timeouts(await settle(deadline, store.ask, 10))).toBe(0)
  })
})

describe('a program that computes for longer than the deadline', () => {
  const compute = (): void => {
    const end = performance.now() + 3 * ms
    while (performance.now() < end);
  }
  const turns = async (count: number): Promise<string> => {
    for (let turn = 0; turn < count; turn++) await new Promise(resolve => setImmediate(resolve))
    return 'answer'
  }

  it.each([1, 2, 5])('gets the answer of a store that sends what it is asked for %i turns later', async count => {
    const deadline = new Deadline(ms)
    const asked = Array.from({ length: 6 }, () => deadline.within(() => turns(count)))
    compute()
    expect(await Promise.all(asked)).toEqual(asked.map(() => 'answer'))
  })

  it('gets it also when it computes a little in every turn, and others were asked before', async () => {
    const deadline = new Deadline(ms)
    const before = deadline.within(() => turns(12))
    const asked = deadline.within(() => turns(4))
    for (let turn = 0; turn < 4; turn++) {
      compute()
      await new Promise(resolve => setImmediate(resolve))
    }
    expect([await before, await asked]).toEqual(['answer', 'answer'])
  })
})

it('a deadline of a year, meant as none, gives nothing up', async () => {
  const deadline = new Deadline(365 * 24 * 60 * 60 * 1000)
  expect(await deadline.within(() => new Promise(resolve => setTimeout(resolve, 50, 'answer')))).toBe('answer')
})

it('hours that a test lets pass while nobody waits are no silence of the store', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
  try {
    const deadline = new Deadline(ms)
    expect(await deadline.within(async () => 'answer')).toBe('answer')
    vi.advanceTimersByTime(3_600_000)
    expect(await deadline.within(async () => 'answer')).toBe('answer')
  } finally {
    vi.useRealTimers()
  }
})

it('what a store has at hand tells nothing of whether it hangs: the next call may find that it is back', async () => {
  const store = hangingStore()
  const deadline = new Deadline(ms)
  expect(timeouts(await settle(deadline, store.ask, 5))).toBe(5)
  const atHand: () => Awaitable<string> = () => 'at hand'
  for (let call = 0; call < 3; call++) expect(deadline.within(atHand)).toBe('at hand')
  store.hangs = false
  expect(await deadline.within(store.ask)).toBe('answer')
  expect(timeouts(await settle(deadline, store.ask, 10))).toBe(0)
})

it('an answer that cannot be used is a fault of the store, whether it comes at once or later', async () => {
  const deadline = new Deadline(ms)
  const use = (): never => {
    throw new TypeError('no record')
  }
  for (const ask of [() => Promise.resolve('garbage'), (() => 'garbage') as () => never]) {
    await expect(deadline.within<string, never>(ask, use)).rejects.toMatchObject({ code: 'STORE_FAILED' })
  }
})
