// One process that uses a fileStore: it opens the directory named by the first argument and does what it is told, step by step.
import { fileStore } from '../../src/stores/file.ts'
import type { SessionRecord } from '../../src/stores/store.ts'

/** What a process can be told, and what it answers with. */
export type Order =
  | { readonly type: 'create' | 'read' | 'delete' | 'read 200 times'; readonly id: string }
  | { readonly type: 'replace'; readonly id: string; readonly next: string }

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
  if (order.type === 'read') return (await store.read(order.id))?.payload
  if (order.type === 'read 200 times') return Promise.all(Array.from({ length: 200 }, () => readOrError(order.id)))
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

process.on('message', (order: Order) => {
  obey(order).then(
    value => process.send?.({ value: value ?? null } satisfies Outcome),
    error => process.send?.({ error: error.code ?? String(error) } satisfies Outcome),
  )
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
