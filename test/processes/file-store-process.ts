// One process that uses a fileStore: it opens the directory named by the first argument and does what it is told, step by step.
import { fileStore } from '../../src/stores/file.ts'
import type { SessionRecord } from '../../src/stores/store.ts'
import type { Data } from '../support/site.ts'

/** What a process can be told, and what it answers with. */
export type Order =
  | { readonly type: 'create' | 'read' | 'delete' | 'read 200 times'; readonly id: string }
  | { readonly type: 'replace'; readonly id: string; readonly next: string }
  | { readonly type: 'count'; readonly cookie: string; readonly times: number }

export type Outcome = { readonly value: unknown } | { readonly error: string }

const store = fileStore(process.argv[2] ?? '')

/** What every record holds after this process saved it. */
const record: SessionRecord = {
  payload: 'new',
  createdAt: new Date(),
  expiresAt: new Date(Date.now() + 3_600_000),
  index: {},
}

async function obey(order: Order): Promise<unknown> {
  if (order.type === 'create') return store.create(order.id, record)
  if (order.type === 'delete') return store.delete(order.id)
  if (order.type === 'read') return store.read(order.id)
  if (order.type === 'read 200 times')
    return Promise.all(Array.from({ length: 200 }, () => readOrError(order.id)))
  if (order.type === 'count') return count(order.cookie, order.times)
  if (order.type !== 'replace') throw new Error('an unknown order')
  const { version } = (await store.read(order.id)) ?? { version: '' }
  return store.replace({ id: order.id, version }, order.next, record)
}

function readOrError(id: string): Promise<string> {
  return store.read(id).then(
    found => found?.payload ?? 'nothing',
    error => error.code,
  )
}

async function count(cookie: string, times: number): Promise<void> {
  // Only here, so that the other orders start fast.
  const { createSessions } = await import('../../src/create-sessions.ts')
  const { Browser, site } = await import('../support/site.ts')
  const sessions = createSessions<Data>({ store, storeDeadline: '30s' })
  const pages = site(sessions, {
    '/count': async session => (await session()).update('count', (n = 0) => n + 1),
  })
  for (let i = 0; i < times; i++) await new Browser(pages, cookie).see('/count')
}

process.on('message', (order: Order) => {
  obey(order).then(
    value => process.send?.({ value: value ?? null } satisfies Outcome),
    error => process.send?.({ error: error.code ?? String(error) } satisfies Outcome),
  )
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
