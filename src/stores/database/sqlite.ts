import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'
import type { DatabaseErrors } from './errors.ts'
import type { SessionDatabase } from './schema.ts'

/** How long a write waits for another process's write. Below the store deadline, which cannot interrupt a wait in SQLite. */
const busyTimeoutMs = 1500

/**
 * A database of `node:sqlite` as Kysely knows it. Sets write-ahead logging, so that readers and the one writer do not wait
 * for each other, and a busy timeout, without which a second process's write fails at once.
 */
export function kyselyOf(database: DatabaseSync): Kysely<SessionDatabase> {
  database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
  database.exec('PRAGMA journal_mode = WAL')
  return new Kysely<SessionDatabase>({ dialect: new SqliteDialect({ database: statementCache(database) }) })
}

/** SQLite's result codes: https://sqlite.org/rescode.html */
export const sqliteErrors: DatabaseErrors = {
  isDuplicate: error => error.errcode === 1555 || error.errcode === 2067,
  isMissing: error => error.errcode === 1 && /no such (table|column)|has no column/.test(error.message),
}

/** The part of better-sqlite3's interface that Kysely needs. Each text is prepared once: Kysely's own are few. */
function statementCache(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    close: () => database.close(),
    prepare(text): SqliteStatement {
      const cached = statements.get(text) ?? adapted(database.prepare(text))
      statements.set(text, cached)
      return cached
    },
  }
}

function adapted(statement: StatementSync): SqliteStatement {
  const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[]
  return {
    reader: statement.columns().length > 0,
    all: parameters => statement.all(...values(parameters)),
    run: parameters => statement.run(...values(parameters)),
    iterate: parameters => statement.iterate(...values(parameters)),
  }
}
