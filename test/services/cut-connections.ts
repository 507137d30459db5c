import { expect, it } from 'vitest'
import type { SessionStore } from '../../src/stores/store.ts'
import type { Browser } from '../support/site.ts'
import { type CuttingProxy, type Direction, startCuttingProxy } from './cutting-proxy.ts'
import { idOf, loggedIn, visitorOf } from './visitors.ts'

/** A store whose client reaches the server through a proxy. */
export interface FarStore {
  readonly store: SessionStore
  close(): unknown
}

/** What is to be cut, and what it promises. */
export interface CutSubject {
  /** The ports of its servers. */
  readonly servers: readonly number[]
  /** Connects through a proxy, which has a port for each server. It connects again at once after a cut. */
  connect(ports: readonly number[]): Promise<FarStore>
  /** The same records, over a connection of their own. */
  direct(): SessionStore
  /** Whether every byte is tried, or every so many. @default 1 */
  readonly step?: number
  /** With what a page may fail. */
  readonly status: readonly number[]
  /** How many records may be left when the visit was cut at a page. */
  readonly left: Readonly<Record<Page | 'nowhere', readonly number[]>>
}

const visit = ['/count', '/login', '/rotate', '/count', '/logout'] as const

type Page = (typeof visit)[number]

/** So many connections are cut at the same time. */
const atOnce = 8

/**
 * A visit that counts, logs in, rotates, counts and logs out, over a connection that breaks after k bytes: once for every k,
 * in each direction.
 */
export function tellOfCuts(name: string, subject: CutSubject): void {
  for (const direction of ['request', 'reply'] as const) {
    const { step = 1 } = subject
    const where = step === 1 ? 'any byte' : `every ${step} bytes`
    it(`${name}: a visit that is cut at ${where} of a ${direction} leaves no half of anything`, async () => {
      const bystander = await loggedIn('bystander', subject.direct())
      const bytes = await lengthOfVisit(subject, direction)
      let next = 0
      await Promise.all(
        Array.from({ length: atOnce }, async () => {
          const line = await openLine(subject)
          while (next <= bytes) {
            const after = next
            next += step
            await cutVisit(subject, line, { direction, after }, bystander)
          }
          line.close()
        }),
      )
      expect(next).toBeGreaterThan(bytes)
    })
  }
}

/** A way to the server that is cut again and again. */
interface Line extends FarStore {
  readonly proxy: CuttingProxy
}

async function openLine(subject: CutSubject): Promise<Line> {
  const proxy = await startCuttingProxy(subject.servers)
  const { store, close } = await subject.connect(proxy.ports)
  return {
    proxy,
    store,
    close: () => {
      close()
      proxy.close()
    },
  }
}

/** How many bytes pass in a visit that is not cut. */
async function lengthOfVisit(subject: CutSubject, direction: Direction): Promise<number> {
  const { store, proxy, close } = await openLine(subject)
  const visitor = visitorOf(store)
  await visitor.see('/begin?name=visitor-0000')
  // What is only sent once, such as a script's text, is past by then.
  for (const path of [...visit, '/begin?name=visitor-0000', '/name']) await visitor.see(path)
  const before = proxy.passed[direction]
  for (const path of visit) await visitor.see(path)
  close()
  return proxy.passed[direction] - before
}

async function cutVisit(
  subject: CutSubject,
  line: Line,
  { direction, after }: { direction: Direction; after: number },
  bystander: Browser,
): Promise<void> {
  const { store, ids } = noteIds(line.store)
  const visitor = visitorOf(store)
  const name = `visitor-${String(after).padStart(4, '0')}`
  const where = `${direction} cut after ${after} bytes`
  await visitor.see(`/begin?name=${name}`)

  line.proxy.cutAfter(after, direction)
  const { counted, failedAt, status } = await go(visitor, where)
  line.proxy.cutAfter(Number.POSITIVE_INFINITY, direction)

  if (status) expect(subject.status, where).toContain(status)
  const left = await payloadsOf(subject.direct(), ids)
  for (const { d } of left.values()) expect(d.name, where).toBe(name)
  expect(subject.left[failedAt], `left: ${where}`).toContain(left.size)
  const [count = counted] = [...left.values()].map(({ d }) => d.count ?? 0)
  expect(count - counted, `counted: ${where}`).toBeOneOf(failedAt === '/count' ? [0, 1] : [0])

  // The same client goes on, and everybody sees what is theirs.
  const other = visitorOf(store)
  other.cookie = bystander.cookie
  const isIn = left.has(idOf(visitor))
  const seen = [await visitor.see('/name'), await other.see('/name')]
  expect(seen, where).toEqual([isIn ? name : null, 'bystander'])
}

/** Goes on until a page fails. */
async function go(
  visitor: Browser,
  where: string,
): Promise<{ counted: number; failedAt: Page | 'nowhere'; status?: number }> {
  let counted = 0
  for (const path of visit) {
    const response = await visitor.open(path)
    if (!response.ok) return { counted, failedAt: path, status: response.status }
    if (path === '/count') expect(await response.json(), where).toBe(++counted)
  }
  return { counted, failedAt: 'nowhere' }
}

/** The same store, with a list of the ids that it was given to write to. */
function noteIds(store: SessionStore): { store: SessionStore; ids: Set<string> } {
  const ids = new Set<string>()
  const noting: SessionStore = {
    read: id => store.read(id),
    delete: id => store.delete(id),
    create: (id, record) => store.create(ids.add(id) && id, record),
    replace: (was, id, record) => store.replace(was, ids.add(id) && id, record),
  }
  return { store: noting, ids }
}

type Payload = { d: { name?: string; count?: number } }

async function payloadsOf(store: SessionStore, ids: Iterable<string>): Promise<Map<string, Payload>> {
  const payloads = new Map<string, Payload>()
  for (const id of ids) {
    const record = await store.read(id)
    if (record) payloads.set(id, JSON.parse(record.payload))
  }
  return payloads
}
