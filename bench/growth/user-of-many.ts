import { createSessions } from '../../src/index.ts'
import type { FullStore } from './contenders.ts'
import { idOf, recordOf } from './records.ts'

/** So many sessions has the one user: some program forgets its cookies and logs in again for each of its calls. */
const many = 10_000
/** Beyond the numbers of any record that was filled in. */
const firstOfMany = 10_000_000
const others = 100
const firstOfOthers = 20_000_000
const user = 'user-of-many'
const repetitions = 3
/** How often somebody else comes, in ms. */
const every = 2

/** What somebody else waits for one read meanwhile, in ms. */
interface Waits {
  readonly waits: readonly number[]
  /** How long the work took, in ms: the shortest time. */
  readonly took: number
}

export const userOfManyHead: readonly string[] = [
  `ms, one user has ${many.toLocaleString('en')} sessions`,
  ...['p50', 'p99', 'longest', 'it takes'],
]

/** How long others wait for a read while all sessions of one user are listed, and while they are revoked. */
export async function userOfManyRows(title: string, store: FullStore): Promise<string[][]> {
  // Not the default, since here it is measured, and not refused, what takes longer.
  const sessions = createSessions({ store, storeDeadline: '1m' })
  await createAll(store, firstOfOthers, others, number => `other-${number}`)
  const meet = async (work: () => Promise<unknown>): Promise<Waits> => {
    const rounds: Waits[] = []
    for (let i = 0; i < repetitions; i++) {
      // What was revoked is there again.
      if (!(await store.read(idOf(firstOfMany)))) await createAll(store, firstOfMany, many, () => user)
      rounds.push(await readMeanwhile(store, work))
    }
    return { waits: rounds.flatMap(({ waits }) => waits), took: Math.min(...rounds.map(({ took }) => took)) }
  }
  const rows = [
    row(`${title}: others, nothing else going on`, await meet(() => pause(1000)), false),
    row(
      `${title}: others, meanwhile list`,
      await meet(() => expectMany(sessions.list(user).then(list => list.length))),
    ),
    row(`${title}: others, meanwhile revokeAll`, await meet(() => expectMany(sessions.revokeAll(user)))),
  ]
  for (let i = 0; i < others; i++) await store.delete(idOf(firstOfOthers + i))
  return rows
}

function row(title: string, { waits, took }: Waits, showsTime = true): string[] {
  const sorted = [...waits].sort((a, b) => a - b)
  const at = (part: number): string => (sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN).toFixed(1)
  return [title, at(0.5), at(0.99), at(1), showsTime ? took.toFixed(0) : '']
}

async function createAll(
  store: FullStore,
  first: number,
  amount: number,
  ownerOf: (i: number) => string,
): Promise<void> {
  for (let i = 0; i < amount; i += 50) {
    const numbers = Array.from({ length: Math.min(50, amount - i) }, (_, j) => first + i + j)
    const create = (number: number): Promise<boolean> =>
      store.create(idOf(number), { ...recordOf(number), index: { userId: ownerOf(number) } })
    await Promise.all(numbers.map(create))
  }
}

async function expectMany(counting: Promise<number>): Promise<void> {
  const count = await counting
  if (count !== many) throw new Error(`${user} had ${count} sessions`)
}

/** Reads at a steady pace until the work is done. A wait begins when the read was due, also if it could not even begin. */
async function readMeanwhile(store: FullStore, work: () => Promise<unknown>): Promise<Waits> {
  const waits: number[] = []
  let working = true
  const read = async (): Promise<void> => {
    for (let due = performance.now(); working; due += every) {
      await pause(Math.max(0, due - performance.now()))
      const found = await store.read(idOf(firstOfOthers + (waits.length % others)))
      if (!found) throw new Error('the session of another is gone')
      // A timer may come a little early.
      waits.push(Math.max(0, performance.now() - due))
    }
  }
  const reading = read()
  await pause(20)
  const start = performance.now()
  await work()
  const took = performance.now() - start
  working = false
  await reading
  return { waits, took }
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
