import { KeepsakeError } from '../../errors.ts'

/** A row of the session table. Times are ms since 1970, so that no database's time zone can move them. */
export interface SessionRow {
  id: string
  user_id: string | null
  payload: string
  version: string
  created_at: number
  expires_at: number
}

/** What is read of a row. */
export type StoredRow = Pick<SessionRow, 'id' | 'payload' | 'version' | 'expires_at'>

/** The tables as Kysely's types know them. A table of another name, and further index columns, have the same shape. */
export interface SessionDatabase {
  session: SessionRow
}

/** The session table of one store. */
export interface SessionTable {
  readonly name: 'session'
  /** The column of each index value, by its name. Each is indexed. */
  readonly columns: ReadonlyMap<string, 'user_id'>
}

/** The columns that every session table has. */
export const ownColumns: readonly (keyof SessionRow)[] = [
  'id',
  'user_id',
  'payload',
  'version',
  'created_at',
  'expires_at',
]

/** The table that these options name. Throws for names that a database would take for another, or cut: PostgreSQL does after 63. */
export function sessionTable(name: string, index: readonly string[]): SessionTable {
  if (!/^[a-z][a-z0-9_]{0,31}$/i.test(name)) {
    throw invalid('table', name, 'is not a letter and at most 31 letters, digits or underscores')
  }
  const columns = new Map([['userId', 'user_id' as const]])
  for (const value of index) columns.set(value, columnFor(value))
  return { name: name as 'session', columns }
}

/** What belongs to an index value. Throws for one that the store was not told of. */
export function ofIndex<T>(values: ReadonlyMap<string, T>, name: string): T {
  const value = values.get(name)
  if (value) return value
  throw new KeepsakeError(
    'TABLE_MISSING',
    `there is no column for the index value ${name}; tell the store of it: databaseStore(database, { index: ['${name}'] })`,
  )
}

/** The column for a name as programs write it: `account_id` for `accountId`. Null if it is not such a word, of at most 30 characters. */
export function columnName(name: string): string | null {
  const column = name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
  return /^[a-z][a-z0-9_]{0,29}$/.test(column) && !name.includes('_') ? column : null
}

function columnFor(name: string): 'user_id' {
  const column = columnName(name)
  if (!column) {
    throw invalid('index', name, 'is not a word like accountId, of at most 30 characters as account_id')
  }
  if (ownColumns.some(own => own === column)) throw invalid('index', name, 'is a column that every session table has')
  return column as 'user_id'
}

function invalid(option: string, value: string, what: string): KeepsakeError {
  return new KeepsakeError('OPTION_INVALID', `databaseStore: ${option} ${JSON.stringify(value)} ${what}`)
}
