import { type Compilable, type RawBuilder, sql } from 'kysely'
import { KeepsakeError } from '../../errors.ts'
import type { DriverError } from '../../stores/database/dialect.ts'
import { type DatabaseHandle, openDatabase } from '../../stores/database/open-database.ts'
import { reliably } from '../../stores/database/retry.ts'
import { param, statement } from '../../stores/database/statement.ts'
import { columnsOf, dateText, momentIn } from '../database-dialect.ts'
import type { DjangoRecord, DjangoStore } from './keyed-engine.ts'

/** Options of `dbEngine`. */
export interface DbEngineOptions {
  /** The table's name. @default 'django_session' */
  readonly table?: string
}

/**
 * The rows of `django_session`. Each write is one statement, which compares the text that was read: a signed text has the second
 * in which it was made in it, so two states are equal only if nothing was changed between them.
 */
export function sessionRows(handle: DatabaseHandle, options: DbEngineOptions): DjangoStore {
  const { table = 'django_session' } = options
  if (!/^[a-z_][a-z0-9_]{0,62}$/i.test(table)) {
    throw new KeepsakeError('OPTION_INVALID', `dbEngine: table ${JSON.stringify(table)} is no name of a table`)
  }
  const run = statements(handle, table)
  return {
    async read(key): Promise<DjangoRecord | null> {
      const [row] = (await run.read({ key })).rows
      return row ? { payload: String(row.payload), end: momentIn(row.end) } : null
    },

    create: (key, record) => run.isWritten(run.create({ key, ...toRow(record) })),

    replace: (was, key, record) =>
      run.isWritten(run.replace({ key, ...toRow(record), wasKey: was.key, was: was.payload })),

    async delete(key): Promise<void> {
      await run.delete({ key })
    },
  }
}

interface Row {
  payload: unknown
  end: unknown
}

function statements(handle: DatabaseHandle, name: string) {
  const { database, dialect } = openDatabase(handle, 'dbEngine')
  const table = sql.table(name)
  const columns = columnsOf(dialect)
  const [end, date] = [columns.date('expire_date'), columns.toDate(sql`${param('date')}`)]
  const ready = <R>(query: RawBuilder<R>) => {
    const compiled: Compilable<R> = { compile: () => query.compile(database.db) }
    const execute = statement(database.prepare, compiled)
    return (values: Readonly<Record<string, unknown>>) => reliably(dialect.errors, async () => execute(values))
  }
  const [key, data] = ['key', 'data'].map(param)
  return {
    read: ready(
      sql<Row>`select session_data as payload, ${end} as ${sql.ref('end')} from ${table} where session_key = ${key}`,
    ),
    create: ready(sql`insert into ${table} (session_key, session_data, expire_date) values (${key}, ${data}, ${date})`),
    replace: ready(
      sql`update ${table} set session_key = ${key}, session_data = ${data}, expire_date = ${date} where session_key = ${param('wasKey')} and ${columns.exactly('session_data')} = ${param('was')}`,
    ),
    delete: ready(sql`delete from ${table} where session_key = ${key}`),
    isWritten: async (result: Promise<{ numAffectedRows?: bigint | undefined }>): Promise<boolean> => {
      try {
        return (await result).numAffectedRows === 1n
      } catch (error) {
        if (dialect.errors.isDuplicate(error as DriverError)) return false
        throw error
      }
    },
  }
}

function toRow({ payload, end }: DjangoRecord): { data: string; date: string } {
  return { data: payload, date: dateText(end) }
}
