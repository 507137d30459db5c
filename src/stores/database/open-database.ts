import type { Kysely } from 'kysely'
import { KeepsakeError } from '../../errors.ts'
import type { Dialect, OpenDatabase } from './dialect.ts'
import { type MysqlHandle, mysql } from './mysql.ts'
import { type PostgresHandle, postgres } from './postgres.ts'
import { type SqliteHandle, sqlite } from './sqlite.ts'
import { prepareWith } from './statement.ts'

/** A database as the program has it: a driver's own handle or pool, or a Kysely instance, of any tables. */
export type DatabaseHandle =
  | SqliteHandle
  | PostgresHandle
  | MysqlHandle
  // biome-ignore lint/suspicious/noExplicitAny: a Kysely instance of any tables will do, as it may have others beside ours
  | Kysely<any>

const dialects: readonly Dialect[] = [sqlite, postgres, mysql]

/** The database behind a handle, and its dialect. Throws, in the name of `caller`, for what is no handle of a known database. */
export function openDatabase(
  handle: DatabaseHandle,
  caller = 'databaseStore',
): { database: OpenDatabase; dialect: Dialect } {
  if (handle && 'selectFrom' in handle) return openKysely(handle, caller)
  for (const dialect of dialects) {
    const database = handle && dialect.open(handle)
    if (database) return { database, dialect }
  }
  throw unknown(
    caller,
    'is no database that it knows: pass a DatabaseSync, a better-sqlite3 Database, a Pool of pg, a pool of mysql2 (not a single connection), or a Kysely instance',
  )
}

// biome-ignore lint/suspicious/noExplicitAny: see DatabaseHandle
function openKysely(kysely: Kysely<any>, caller: string): { database: OpenDatabase; dialect: Dialect } {
  const db = kysely.withoutPlugins()
  const { sql } = db.selectNoFrom(({ val }) => val(0).as('x')).compile()
  const dialect = dialects.find(({ sample }) => sample === sql)
  if (!dialect) throw unknown(caller, 'is a Kysely instance that speaks neither SQLite, PostgreSQL nor MySQL')
  return { database: { db, prepare: prepareWith(db) }, dialect }
}

function unknown(caller: string, what: string): KeepsakeError {
  return new KeepsakeError('OPTION_INVALID', `${caller}: its first argument ${what}`)
}
