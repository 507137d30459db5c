import type { Compilable, Kysely, QueryResult } from 'kysely'
import { KeepsakeError } from '../../../errors.ts'
import type { DatabaseErrors, Dialect, DriverError } from '../../../stores/database/dialect.ts'
import { type DatabaseHandle, openDatabase } from '../../../stores/database/open-database.ts'
import { reliably } from '../../../stores/database/retry.ts'
import { statement } from '../../../stores/database/statement.ts'
import type { UserDatabase } from './tables.ts'

type Values = Readonly<Record<string, unknown>>

/** A database that is ready to keep users. */
export interface OpenUsers {
  readonly db: Kysely<UserDatabase>
  readonly dialect: Dialect
  /** A query, with a `param` for each value, that is compiled once and run many times. */
  ready<Row>(query: Compilable<Row>): (values: Values) => Promise<QueryResult<Row>>
  /** Runs a query once. */
  run<Row>(query: Compilable<Row>): Promise<QueryResult<Row>>
}

/** The database behind a handle. Throws for what is no handle of a known database. */
export function openUsers(handle: DatabaseHandle): OpenUsers {
  const { database, dialect } = openDatabase(handle, 'databaseUsers')
  const { prepare } = database
  const surely = <T>(run: () => Promise<T>): Promise<T> => reliably(dialect.errors, run, { conflict })
  return {
    db: database.db as unknown as Kysely<UserDatabase>,
    dialect,
    ready(query) {
      const run = statement(prepare, query)
      return values => surely(async () => run(values))
    },
    run(query) {
      const compiled = query.compile()
      return surely(async () => prepare(compiled)(compiled.parameters))
    },
  }
}

function conflict(detail: string, cause: DriverError): KeepsakeError {
  return new KeepsakeError('USER_CONFLICT', detail, { cause })
}

/** Whether a row was written; false if one with the same unique value was in the way. */
export async function isWritten(errors: DatabaseErrors, result: Promise<QueryResult<unknown>>): Promise<boolean> {
  try {
    return (await result).numAffectedRows !== 0n
  } catch (error) {
    if (errors.isDuplicate(error as DriverError)) return false
    throw error
  }
}
