import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SessionStore } from '../../src/stores/store.ts'
import type { Browser } from '../support/site.ts'
import { type CuttingProxy, type Direction, startCuttingProxy } from './cutting-proxy.ts'
import { idOf, loggedIn, samePerson, visitorOf } from './visitors.ts'
import { type OpenStore, openStore, type StoreDescription } from './workers/store-description.ts'

/** What is to be cut, and what it promises. */
export interface CutSubject {
  /** The ports of its servers. */
  readonly servers: readonly number[]
  /** Connects through a proxy, which has a port for each server. It connects again at once after a cut. */
  connect(ports: readonly number[]): Promise<Connected>
  /** The same records, over a connection of their own. */
  readonly direct: StoreDescription
  /** Whether it may have kept what has ended: then each token that the visitor ever had is tried there as well. */
  readonly hasCopies?: true
  /** Whether every byte is tried, or every so many. @default 1 */
  readonly step?: number
  /** With what a page may fail. */
  readonly status: readonly number[]
  readonly valid: ValidTokens
}

interface Connected extends OpenStore {
  /** Whether it is connected again, where pages do not tell. */
  isConnected?(): boolean
}

const visit = ['/count', '/login', '/rotate', '/count', '/logout'] as const

type Page = (typeof visit)[number]

/** How many tokens may lead to the visitor's session when the visit was cut at a page. Two would be one too many. */
type ValidTokens = Readonly<Record<Page | 'nowhere', readonly (0 | 1)[]>>

/** Where each write does all or nothing: a rotation leaves exactly one of the old and the new token. */
export const oneToken: ValidTokens = {
  '/count': [1],
  '/login': [1],
  '/rotate': [1],
  '/logout': [0, 1],
  nowhere: [0],
}

/** Where a rotation first ends the old record and stores the new one in a later step: between the two there is neither. */
export const oneTokenOrNone: ValidTokens = { ...oneToken, '/login': [0, 1], '/rotate': [0, 1] }

/** So many connections are cut at the same time. */
const atOnce = 8

/**
 * A visit that counts, logs in, rotates, counts and logs out, over a connection that breaks after k bytes: once for every k,
 * in each direction. What is sent once when a connection begins is not cut, since no page has sent anything by then.
 */
export function tellOfCuts(name: string, subject: CutSubject): void {
  let near: OpenStore
  beforeAll(async () => {
    near = await openStore(subject.direct)
  })
  afterAll(() => near.close())

  for (const direction of ['request', 'reply'] as const) {
    const { step = 1 } = subject
    const where = step === 1 ? 'any byte' : `every ${step} bytes`
    it(`${name}: a visit that is cut at ${where} of a ${direction} leaves no half of anything`, async () => {
      const bystander = await loggedIn('bystander', near.store)
      const bytes = await lengthOfVisit(subject, direction)
      let [next, cuts] = [0, 0]
      await Promise.all(
        Array.from({ length: atOnce }, async () => {
          const line = await openLine(subject)
          while (next <= bytes) {
            const after = next
            next += step
            const isCut = await cutVisit({ subject, line, near: near.store, bystander }, { direction, after })
            if (isCut) cuts++
          }
          await line.close()
        }),
      )
      expect(cuts).toBeGreaterThanOrEqual(Math.floor(bytes / step))
    }, 180_000)
  }
}

/** A way to the server that is cut again and again. */
interface Line extends Connected {
  readonly proxy: CuttingProxy
}

async function openLine(subject: CutSubject): Promise<Line> {
  const proxy = await startCuttingProxy(subject.servers)
  const connected = await subject.connect(proxy.ports)
  return {
    ...connected,
    proxy,
    close: async () => {
      await connected.close()
      proxy.close()
    },
  }
}

/** How many bytes pass in a visit that is not cut, over a connection that was cut just before. */
async function lengthOfVisit(subject: CutSubject, direction: Direction): Promise<number> {
  const line = await openLine(subject)
  const { store, proxy, close } = line
  const visitor = visitorOf(store)
  // What a server is only sent once, such as a script's text, is past by then; what each connection is sent is not. In a
  // Cluster, where each visit has keys on other servers, it takes some visits until all have seen it.
  for (let warmUp = 0; warmUp < 20; warmUp++) {
    for (const path of ['/begin?name=visitor-0000', ...visit]) await visitor.see(path)
  }
  await visitor.see('/begin?name=visitor-0000')
  proxy.cutAfter(0, 'request')
  await visitor.open('/name')
  await seeOnceHealed(visitor, line)
  await visitor.see('/begin?name=visitor-0000')
  const before = proxy.pieces.length
  for (const path of visit) await visitor.see(path)
  const pieces = proxy.pieces.slice(before).filter(piece => piece.direction === direction)
  await close()
  return pieces.reduce((sum, { length }) => sum + length, 0)
}

interface Surroundings {
  readonly subject: CutSubject
  readonly line: Line
  /** The store that nothing cuts. */
  readonly near: SessionStore
  readonly bystander: Browser
}

/** Tells whether the visit was cut: it may have been shorter. */
async function cutVisit(
  { subject, line, near, bystander }: Surroundings,
  { direction, after }: { direction: Direction; after: number },
): Promise<boolean> {
  const { store, ids } = noteIds(line.store)
  const visitor = visitorOf(store)
  const name = `visitor-${String(after).padStart(4, '0')}`
  const where = `${direction} cut after ${after} bytes`
  await visitor.see(`/begin?name=${name}`)

  let isCut = false
  line.proxy.cutAfter(after, direction, () => {
    isCut = true
  })
  const { counted, failedAt, status, tabs } = await go(visitor, where)
  line.proxy.cutAfter(Number.POSITIVE_INFINITY, direction)
  await line.proxy.settled()

  if (status) expect(subject.status, where).toContain(status)
  const known = await sessionsOf({ tabs, ids }, near)
  for (const data of known) expect(data.name, where).toBe(name)
  expect(subject.valid[failedAt], `valid: ${where}`).toContain(known.length)
  const [count = counted] = known.map(data => data.count ?? 0)
  expect(count - counted, `counted: ${where}`).toBeOneOf(failedAt === '/count' ? [0, 1] : [0])

  // The same client goes on, and everybody sees what is theirs.
  const isIn = (await samePerson(visitor, near).see('/name')) === name
  const seen = [await seeOnceHealed(visitor, line), await seeOnceHealed(samePerson(bystander, store), line)]
  expect(seen, where).toEqual([isIn ? name : null, 'bystander'])
  for (const tab of subject.hasCopies ? tabs : []) {
    const [here, there] = [samePerson(tab, store), samePerson(tab, near)]
    expect(await here.see('/data'), `copies: ${where}`).toEqual(await there.see('/data'))
  }
  return isCut
}

/** Whom the site knows, as soon as its client has noticed that the connection is gone. */
async function seeOnceHealed(visitor: Browser, { isConnected = () => true }: Line): Promise<unknown> {
  for (;;) {
    const answer = await visitor.open('/name')
    if (answer.ok && isConnected()) return answer.json()
    expect(answer.status).toBeOneOf([200, 503])
    await nextTurn()
  }
}

/** What came of a visit, and a tab with each cookie that the visitor got. */
interface Outcome {
  readonly counted: number
  readonly failedAt: Page | 'nowhere'
  readonly status?: number
  readonly tabs: readonly Browser[]
}

/** Goes on until a page fails. */
async function go(visitor: Browser, where: string): Promise<Outcome> {
  let counted = 0
  const tabs = [visitor.copy()]
  for (const path of visit) {
    const response = await visitor.open(path)
    if (visitor.token !== tabs.at(-1)?.token && visitor.cookie) tabs.push(visitor.copy())
    if (!response.ok) return { counted, failedAt: path, status: response.status, tabs }
    if (path === '/count') expect(await response.json(), where).toBe(++counted)
  }
  return { counted, failedAt: 'nowhere', tabs }
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

interface VisitorData {
  readonly name?: string
  readonly count?: number
}

/**
 * The sessions that the visitor's tokens lead to: what the site shows for each cookie that arrived, and the records of the tokens
 * that were cut off on their way.
 */
async function sessionsOf(
  { tabs, ids }: { tabs: readonly Browser[]; ids: ReadonlySet<string> },
  near: SessionStore,
): Promise<VisitorData[]> {
  const arrived = new Set(tabs.map(idOf))
  const shown = await Promise.all(tabs.map(tab => samePerson(tab, near).see('/data') as Promise<VisitorData>))
  const records = await Promise.all([...ids].filter(id => !arrived.has(id)).map(id => near.read(id)))
  const stored = records.map(record => (record ? (JSON.parse(record.payload).d as VisitorData) : {}))
  return [...shown, ...stored].filter(({ name, count }) => name !== undefined || count !== undefined)
}
