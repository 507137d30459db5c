import { randomUUID } from 'node:crypto'
import type { Compilable, CompiledQuery } from 'kysely'
import { promising } from '../../waiting/at-once.ts'
import { type Awaitable, whenThere } from '../../waiting/awaitable.ts'
import type { ExpirySweep, IndexedRecord, SessionIndex, SessionRecord, SessionStore, StoredRecord } from '../store.ts'
import type { Dialect, DriverError, OpenDatabase } from './dialect.ts'
import { migrate } from './migrate.ts'
import { type DatabaseHandle, openDatabase } from './open-database.ts'
import { readById } from './read-by-id.ts'
import { replaceTogether } from './replace-together.ts'
import { reliably } from './retry.ts'
import { param, statement } from './statement.ts'
import { ofIndex, type SessionRow, type SessionTable, type StoredRow, sessionTable } from './table.ts'
import { databaseWarnings } from './warnings.ts'

/** A store in a database, with what it can do beyond. */
export interface DatabaseStore extends SessionStore, SessionIndex, ExpirySweep {
  /** Creates or updates the tables. Safe to call at every start, and from several processes at once. */
  migrate(): Promise<void>
}

/** Options of `databaseStore`. */
export interface DatabaseStoreOptions {
  /** The table's name. @default 'session' */
  readonly table?: string
  /** The names of the `index` option of `createSessions`: each has a column, `account_id` for `accountId`, which is indexed. */
  readonly index?: readonly string[]
  /** Gets what `migrate()` finds wrong with the database's settings or clock, with the fix. @default console.warn */
  readonly onWarning?: (warning: string) => void
}

export type { DatabaseHandle }

/**
 * Keeps records in a table of your database, through your own handle: an SQLite `DatabaseSync` or better-sqlite3 `Database`, a
 * `Pool` of pg, a pool of mysql2, or a Kysely instance of one of these. What was saved is as durable as the database makes a
 * committed transaction. `docs/stores/database.md` has the details.
 *
 * @example
 * import { DatabaseSync } from 'node:sqlite'
 * const store = databaseStore(new DatabaseSync('app.db'))
 * await store.migrate()
 */
export function databaseStore(handle: DatabaseHandle, options: DatabaseStoreOptions = {}): DatabaseStore {
  const { table: name = 'session', index = [], onWarning = console.warn } = options
  const { database, dialect } = openDatabase(handle)
  const table = sessionTable(name, index)
  const run = statements(database, dialect, table)
  const sweep = dialect.sweep(database, table)

  return {
    read: promising(id => whenThere(run.read(id), row => row && fromRow(row))),

    create: async (id, record) => run.create(toRow(table, id, record)),

    async replace(was, id, record): Promise<boolean> {
      const row = toRow(table, id, record, was)
      return id === was.id ? run.replaceInPlace(row) : run.replace(row)
    },

    async delete(id): Promise<void> {
      await run.delete({ id })
    },

    async *find(name, value): AsyncGenerator<IndexedRecord> {
      const { rows } = await ofIndex(run.by, name).find({ value })
      for (const row of rows) yield { id: String(row.id), ...fromRow(row) }
    },

    async deleteBy(name, value, { except = '' } = {}): Promise<number> {
      return ofIndex(run.by, name).delete(value, except)
    },

    deleteExpired: (now, { limit }) => reliably(dialect.errors, () => sweep(now.getTime(), limit)),

    async migrate(): Promise<void> {
      await migrate(database, dialect, table)
      for (const warning of await databaseWarnings(database, dialect)) onWarning(`Keepsake: ${warning}`)
    },
  }
}

type Values = Readonly<Record<string, unknown>>

function statements(database: OpenDatabase, dialect: Dialect, table: SessionTable) {
  const { db, prepare } = database
  const { name, columns } = table
  const ready = <Row>(query: Compilable<Row> | CompiledQuery<Row>) => {
    const run = statement(prepare, query)
    return (values: Values) => reliably(dialect.errors, () => run(values))
  }
  const writing = (query: Compilable) => {
    const run = ready(query)
    return (values: Values) => isWritten(dialect, run(values))
  }
  const stored = db.selectFrom(name).select(['id', 'payload', 'version', 'expires_at'])
  const current = db.updateTable(name).where('id', '=', param('wasId')).where('version', '=', param('wasVersion'))
  const all = ['id', 'payload', 'version', 'created_at', 'expires_at', ...columns.values()]
  const row = Object.fromEntries(all.map(column => [column, param(column)])) as unknown as SessionRow
  const replace = writing(current.set(row))

  /** Writes to no index, where neither the end nor an index value moves, which is nearly always. */
  const rewriting = () => {
    const { payload, version, created_at } = row
    const sameEnd = current.where('expires_at', '=', param('expires_at'))
    const unmoved = [...columns.values()].reduce((same, column) => same.where(column, 'is', param(column)), sameEnd)
    const rewrite = writing(unmoved.set({ payload, version, created_at }))
    return async (values: Values) => (await rewrite(values)) || replace(values)
  }
  const many = dialect.replaceMany?.(table).compile(db)
  const together = many && replaceTogether({ one: replace, many: statement(prepare, many) }, dialect.errors)
  const byColumn = (column: 'user_id') => ({
    find: ready(stored.where(column, '=', param('value'))),
    delete: deletingBy(database, dialect, table, column),
  })
  return {
    read: readById(dialect, stored, ready),
    create: writing(db.insertInto(name).values(row)),
    replace,
    replaceInPlace: dialect.writesWhatIsAssigned ? rewriting() : (together ?? replace),
    delete: ready(db.deleteFrom(name).where('id', '=', param('id'))),
    by: new Map([...columns].map(([index, column]) => [index, byColumn(column)])),
  }
}

function deletingBy(database: OpenDatabase, dialect: Dialect, table: SessionTable, column: 'user_id') {
  const { db, prepare } = database
  const inOneStatement = (): ReturnType<NonNullable<Dialect['deleteBy']>> => {
    const query = db.deleteFrom(table.name).where(column, '=', param('value')).where('id', '!=', param('except'))
    const run = statement(prepare, query)
    return async (value, except) => Number((await run({ value, except })).numAffectedRows ?? 0)
  }
  const run = dialect.deleteBy?.(database, table, column) ?? inOneStatement()
  return (value: string, except: string): Promise<number> => reliably(dialect.errors, () => run(value, except))
}

/** A version is random, so that a record which was removed and made again is never taken for the one that was read. */
function toRow(
  table: SessionTable,
  id: string,
  { payload, createdAt, expiresAt, index }: SessionRecord,
  was?: { readonly id: string; readonly version: string },
): Values {
  const row: Record<string, unknown> = {
    id,
    payload,
    version: randomUUID(),
    created_at: createdAt.getTime(),
    expires_at: expiresAt.getTime(),
    wasId: was?.id,
    wasVersion: was?.version,
  }
  for (const column of table.columns.values()) row[column] = null
  for (const name of Object.keys(index)) row[ofIndex(table.columns, name)] = index[name]
  return row
}

/** Drivers differ: a number of 8 bytes may come as a text, a binary text as a Buffer. */
function fromRow({ payload, version, expires_at }: StoredRow): StoredRecord {
  return { payload: String(payload), version: String(version), expiresAt: new Date(Number(expires_at)) }
}

/** Whether a row was written; false if there was none to write over, or one was in the way. */
async function isWritten({ errors }: Dialect, result: Awaitable<Written>): Promise<boolean> {
  try {
    return (await result).numAffectedRows === 1n
  } catch (error) {
    if (errors.isDuplicate(error as DriverError)) return false
    throw error
  }
}

interface Written {
  readonly numAffectedRows?: bigint | undefined
}
