import type { Compilable, SelectQueryBuilder } from 'kysely'
import { isKeepsakeError } from '../../errors.ts'
import { type Awaitable, whenThere } from '../../waiting/awaitable.ts'
import { gathered } from '../gathered.ts'
import type { Dialect } from './dialect.ts'
import { param } from './statement.ts'
import type { SessionDatabase, StoredRow } from './table.ts'

type Run = (values: Readonly<Record<string, unknown>>) => Awaitable<{ readonly rows: readonly StoredRow[] }>

/** The row of an id, or null. Where the dialect can, what is asked for in one turn of the event loop is one query. */
export function readById(
  { oneOf }: Dialect,
  rows: SelectQueryBuilder<SessionDatabase, 'session', StoredRow>,
  ready: (query: Compilable<StoredRow>) => Run,
): (id: string) => Awaitable<StoredRow | null> {
  if (oneOf) return together(ready(rows.where('id', '=', oneOf(param('ids')))))
  const run = ready(rows.where('id', '=', param('id')))
  return id => whenThere(run({ id }), ({ rows: [row] }) => (row ? checked([id], row) : null))
}

/** What cannot be read together is read one by one: a connection may have broken, or one of the rows. */
function together(run: Run): (id: string) => Promise<StoredRow | null> {
  const read = async (ids: readonly string[]): Promise<Map<string, StoredRow>> => {
    const { rows } = await run({ ids: ids.join() })
    return new Map(rows.map(row => [String(row.id), checked(ids, row)]))
  }
  const readOne = async (id: string): Promise<StoredRow | null> => (await read([id])).get(id) ?? null
  return gathered<string, StoredRow | null>(async calls => {
    const ids = [...new Set(calls.map(({ asked }) => asked))]
    const found = await read(ids).catch(error => {
      if (isKeepsakeError(error)) throw error
      return null
    })
    for (const { asked, resolve } of calls) resolve(found ? (found.get(asked) ?? null) : readOne(asked))
  })
}

/** A driver whose replies have come out of step must not log one visitor in as another (CVE-2023-28858). */
function checked(ids: readonly string[], row: StoredRow): StoredRow {
  if (ids.includes(String(row.id))) return row
  const asked = ids.length === 1 ? `session ${ids[0]}` : `${ids.length} sessions`
  throw new Error(`The database was asked for ${asked} and answered with ${row.id}`)
}
