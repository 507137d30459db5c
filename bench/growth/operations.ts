import { median } from '../statistics.ts'
import type { FillableStore, FullStore } from './contenders.ts'
import { began, idOf, recordOf, userOf } from './records.ts'

export const operations = ['read', 'write (replace)', 'list the 10 of a user', 'sweep a batch of 1,000'] as const

type Operation = (typeof operations)[number]

const batch = 1000
const [reads, writes, lists] = [500, 200, 200]

/** Microseconds per call, one after another: the median over the rounds. */
export async function timeOperations(
  { store }: FillableStore,
  size: number,
  rounds: number,
): Promise<Record<Operation, number>> {
  const times = operations.map((): number[] => [])
  // The first round is for the code to be compiled and the caches to be filled.
  for (let round = 0; round <= rounds; round++) {
    const taken = await timeRound(store, size)
    if (round > 0) for (const [i, time] of taken.entries()) times[i]?.push(time)
  }
  return Object.fromEntries(operations.map((name, i) => [name, median(times[i] ?? [])])) as Record<Operation, number>
}

async function timeRound(store: FullStore, size: number): Promise<number[]> {
  const read = await perCall(anyOf(size, reads), number => store.read(idOf(number)))
  const versions = new Map<number, string>()
  for (const number of anyOf(size, writes)) {
    const record = await store.read(idOf(number))
    if (record) versions.set(number, record.version)
  }
  const write = await perCall([...versions], async ([number, version]) => {
    const done = await store.replace({ id: idOf(number), version }, idOf(number), recordOf(number))
    if (!done) throw new Error(`record ${number} was not replaced`)
  })
  const list = await perCall(anyOf(size, lists), async number => {
    let found = 0
    for await (const _ of store.find('userId', userOf(number))) found++
    if (found !== 10) throw new Error(`${userOf(number)} has ${found} sessions`)
  })
  if (!store.deleteExpired) return [read, write, list, Number.NaN]
  await addExpired(store)
  const sweep = await perCall([batch], async limit => {
    const removed = await store.deleteExpired?.(new Date(began), { limit })
    if (removed !== batch) throw new Error(`${removed} were swept`)
  })
  return [read, write, list, sweep]
}

/** Numbers of records, at random. */
function anyOf(size: number, amount: number): number[] {
  return Array.from({ length: amount }, () => Math.floor(Math.random() * size))
}

async function addExpired(store: FullStore): Promise<void> {
  for (let i = 0; i < batch; i += 50) {
    const numbers = Array.from({ length: 50 }, (_, j) => -1 - i - j)
    await Promise.all(numbers.map(number => store.create(idOf(number), recordOf(number, began - 1000 - i))))
  }
}

async function perCall<T>(items: readonly T[], call: (item: T) => Promise<unknown>): Promise<number> {
  const start = performance.now()
  for (const item of items) await call(item)
  return ((performance.now() - start) * 1000) / items.length
}
