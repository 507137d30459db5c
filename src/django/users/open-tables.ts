import { type QueryResult, type RawBuilder, sql } from 'kysely'
import { KeepsakeError } from '../../errors.ts'
import type { Dialect, OpenDatabase } from '../../stores/database/dialect.ts'
import { type DatabaseHandle, openDatabase } from '../../stores/database/open-database.ts'
import { reliably } from '../../stores/database/retry.ts'
import { columnsOf } from '../database-dialect.ts'
import type { DjangoUsersOptions } from './django-users.ts'
import type { UserColumn } from './user-columns.ts'

/** A part of a statement. */
export type Sql = RawBuilder<unknown>

/** The tables of `django.contrib.auth` in one database. */
export interface OpenTables {
  readonly user: Sql
  /** Which users are in which groups. */
  readonly userGroups: Sql
  readonly userPermissions: Sql
  readonly db: OpenDatabase['db']
  readonly dialect: Dialect
  run<Row>(query: RawBuilder<Row>): Promise<QueryResult<Row>>
  /** Runs it again if the database undid it for the sake of another. */
  surely<T>(run: () => Promise<T>): Promise<T>
  /** A column to select, under its own name. */
  fromColumn(column: UserColumn): Sql
  /** A value to write to a column. */
  toColumn(column: UserColumn, value: string | number | null): Sql
  isText(column: string, text: string): Sql
  /** An id to compare with; one that nobody has for a text that cannot be one. */
  toId(id: string): Sql
}

/** The tables that these options name. Throws for names that would be another statement. */
export function openTables(handle: DatabaseHandle, options: DjangoUsersOptions): OpenTables {
  const { table = 'auth_user', validFromColumn = 'none' } = options
  for (const name of [table, validFromColumn]) {
    if (!/^[a-z_][a-z0-9_]{0,62}$/i.test(name)) {
      throw new KeepsakeError('OPTION_INVALID', `djangoUsers: ${JSON.stringify(name)} is no name of a table or column`)
    }
  }
  const { database, dialect } = openDatabase(handle, 'djangoUsers')
  const { db, prepare } = database
  const { date, toDate, toNumber, exactly } = columnsOf(dialect)
  const surely: OpenTables['surely'] = run => reliably(dialect.errors, run, { conflict })
  return {
    user: sql`${sql.table(table)}`,
    userGroups: sql`${sql.table(`${table}_groups`)}`,
    userPermissions: sql`${sql.table(`${table}_user_permissions`)}`,
    ...{ db, dialect, surely },
    run(query) {
      const compiled = query.compile(db)
      return surely(async () => prepare(compiled)(compiled.parameters))
    },
    fromColumn: ({ column, type }) => sql`${type === 'date' ? date(column) : sql.ref(column)} as ${sql.ref(column)}`,
    toColumn: ({ type }, value) => (type === 'date' ? toDate(sql`${value}`) : sql`${value}`),
    // The first by the index, the second by all bytes.
    isText: (column, text) => sql`${sql.ref(column)} = ${text} and ${exactly(column)} = ${text}`,
    toId: id => toNumber(sql`${/^[1-9]\d{0,14}$/.test(id) ? Number(id) : 0}`),
  }
}

function conflict(detail: string, cause: Error): KeepsakeError {
  return new KeepsakeError('USER_CONFLICT', detail, { cause })
}
