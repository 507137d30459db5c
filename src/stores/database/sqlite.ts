import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { Kysely, type QueryResult, type SqliteDatabase, SqliteDialect, type SqliteStatement, sql } from 'kysely'
import type { DatabaseErrors, Dialect, DriverError, OpenDatabase } from './dialect.ts'
import { groupCommit } from './group-commit.ts'
import { type Prepare, param, prepareWith, statement } from './statement.ts'
import type { SessionDatabase } from './table.ts'

/** A database of better-sqlite3, as far as it differs from one of `node:sqlite`. */
export interface BetterSqlite {
  exec(text: string): unknown
  readonly inTransaction?: boolean
  close(): unknown
  prepare(text: string): SqliteStatement
}

export type SqliteHandle = DatabaseSync | BetterSqlite

/** How long a write waits for another process's write. Below the store deadline, which cannot interrupt a wait in SQLite. */
const busyTimeoutMs = 1500

/** `node:sqlite`'s result codes, and better-sqlite3's names of them: https://sqlite.org/rescode.html */
const errors: DatabaseErrors = {
  isDuplicate: ({ errcode, message }) => errcode === 1555 || /UNIQUE constraint failed/.test(message),
  isMissing: ({ message }) => /no such (table|column)|has no column/.test(message),
  isPresent: ({ message }) => /already exists|duplicate column name/.test(message),
  // A busy database has waited for its timeout already.
  isRetryable: () => false,
}

/** The low byte is the primary result code: 19 is SQLITE_CONSTRAINT. */
const isConstraint = ({ errcode = 0, code }: DriverError): boolean =>
  (errcode & 0xff) === 19 || /^SQLITE_CONSTRAINT/.test(String(code))

/** SQLite, through `node:sqlite` or better-sqlite3. Texts are compared byte by byte unless a column says otherwise. */
export const sqlite: Dialect = {
  sample: 'select ? as "x"',
  errors,
  types: { id: 'varchar(43)', indexed: 'varchar(255)', payload: 'text', text: characters => `varchar(${characters})` },
  writesWhatIsAssigned: true,
  open: handle => ('prepare' in handle && 'exec' in handle ? openHandle(handle as SqliteHandle) : null),

  sweep({ db, prepare }, { name }) {
    const table = sql.table(name)
    const expired = sql`select id from ${table} where expires_at <= ${param('now')} order by expires_at limit ${param('limit')}`
    const sweep = statement(prepare, sql`delete from ${table} where id in (${expired})`.compile(db))
    return async (now, limit) => Number((await sweep({ now, limit })).numAffectedRows ?? 0)
  },

  warnings: async () => [],
}

/**
 * Sets write-ahead logging, so that readers and the one writer do not wait for each other, and a busy timeout, without which a
 * second process's write fails at once.
 */
function openHandle(handle: SqliteHandle): OpenDatabase {
  const known = opened.get(handle)
  if (known) return known
  handle.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
  handle.exec('PRAGMA journal_mode = WAL')
  const db = new Kysely<SessionDatabase>({ dialect: new SqliteDialect({ database: statementCache(handle) }) })
  const database = { db, prepare: prepareOn(handle, prepareWith(db)) }
  opened.set(handle, database)
  return database
}

/** A handle is one connection. What opens it twice shares one Kysely, which keeps the others out of a transaction. */
const opened = new WeakMap<SqliteHandle, OpenDatabase>()

/**
 * Runs queries on the handle itself: what Kysely does around each read costs a third of what SQLite takes. But while one of its
 * transactions is under way, Kysely makes them wait for its end: it may be undone. What the program itself begins on the handle
 * nobody can wait for: queries become a part of it.
 */
function prepareOn(handle: SqliteHandle, throughKysely: Prepare): Prepare {
  const isOpen = (): boolean => isBusy(handle)
  const write = groupCommit<QueryResult<never>>({
    isOpen,
    begin: command(handle, 'BEGIN IMMEDIATE'),
    commit: command(handle, 'COMMIT'),
    rollback: command(handle, 'ROLLBACK'),
    isRefusal: error => isConstraint(error as DriverError),
  })
  return query => {
    let prepared: SqliteStatement | undefined
    const wait = throughKysely(query)
    return parameters => {
      if (isOpen()) return wait(parameters)
      prepared ??= adapted(handle.prepare(query.sql))
      const ready = prepared
      if (ready.reader) return { rows: ready.all(parameters) as never[] }
      return write({
        run: () => ({ rows: [], numAffectedRows: BigInt(ready.run(parameters).changes) }),
        wait: async () => wait(parameters) as Promise<QueryResult<never>>,
      })
    }
  }
}

/** A statement that has no parameters and no answer, prepared when it is first run. */
function command(handle: SqliteHandle, text: string): () => void {
  let ready: SqliteStatement | undefined
  return () => {
    ready ??= adapted(handle.prepare(text))
    ready.run([])
  }
}

/** Whether there may be a transaction: Node did not tell before 22.16. */
function isBusy(handle: SqliteHandle): boolean {
  return ('isTransaction' in handle ? handle.isTransaction : handle.inTransaction) !== false
}

/** The part of better-sqlite3's interface that Kysely needs. Each text is prepared once: Kysely's own are few. */
function statementCache(handle: SqliteHandle): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    close: () => void handle.close(),
    prepare(text): SqliteStatement {
      const cached = statements.get(text) ?? adapted(handle.prepare(text))
      statements.set(text, cached)
      return cached
    },
  }
}

/** The same of both drivers. `node:sqlite` makes dictionaries of rows: what is made of its arrays takes a quarter less of a read. */
function adapted(prepared: ReturnType<SqliteHandle['prepare']>): SqliteStatement {
  if ('reader' in prepared) return prepared
  const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[]
  const columns = prepared.columns().map(({ name }) => name)
  const rowOf = (cells: Readonly<Record<number, unknown>>): Record<string, unknown> => {
    const row: Record<string, unknown> = {}
    for (const [i, column] of columns.entries()) row[column] = cells[i]
    return row
  }
  prepared.setReturnArrays(true)
  return {
    reader: columns.length > 0,
    all: parameters => prepared.all(...values(parameters)).map(rowOf),
    run: parameters => prepared.run(...values(parameters)),
    *iterate(parameters) {
      for (const cells of prepared.iterate(...values(parameters))) yield rowOf(cells)
    },
  }
}
