import type { ColumnDataType, Expression, Kysely, RawBuilder } from 'kysely'
import type { Prepare } from './statement.ts'
import type { SessionDatabase, SessionTable } from './table.ts'

/** A database that is ready to be used. */
export interface OpenDatabase {
  readonly db: Kysely<SessionDatabase>
  /** The driver's own way to run a query many times. */
  readonly prepare: Prepare
}

/** A driver's error: the drivers agree on nothing but that there is a code somewhere. */
export interface DriverError extends Error {
  readonly code?: string
  /** SQLite's result code, from `node:sqlite`. */
  readonly errcode?: number
  /** MySQL's error number. */
  readonly errno?: number
}

/** How to tell a database's errors apart. */
export interface DatabaseErrors {
  /** A row with this primary key is there already. */
  isDuplicate(error: DriverError): boolean
  /** The table, or one of its columns, is not there. */
  isMissing(error: DriverError): boolean
  /** The table, column or index that was to be made is there already. */
  isPresent(error: DriverError): boolean
  /** The database undid the statement for the sake of another one: it may be tried again. */
  isRetryable(error: DriverError): boolean
  /** The statement and another one waited for each other. */
  isDeadlock?(error: DriverError): boolean
  /** It found something wrong with the statement or a row of it, or did not get done with it, and wrote nothing. */
  isRefused?(error: DriverError): boolean
  /** The statement has more bytes than the database takes. */
  isTooLarge?(error: DriverError): boolean
}

export type ColumnType = ColumnDataType | Expression<unknown>

/** All that is particular to one kind of database. */
export interface Dialect {
  /** The driver's handle as a Kysely instance; null if this is no handle of such a database. */
  open(handle: object): OpenDatabase | null
  /** What Kysely writes for this database when it asks for a parameter under the name `x`: so an instance is recognised. */
  readonly sample: string
  readonly errors: DatabaseErrors
  /** Column types under which two texts are equal only if all their bytes are. */
  readonly types: {
    readonly id: ColumnType
    readonly indexed: ColumnType
    readonly payload: ColumnType
    /** A text of at most so many characters that may be indexed. */
    readonly text: (characters: number) => ColumnType
  }
  /** What follows the columns in `create table`. */
  readonly tableSuffix?: Expression<unknown>
  /** An `update` writes every index of the columns that it assigns, though their values stay. */
  readonly writesWhatIsAssigned?: true
  /** What an id equals that is one of a text's, parted by commas: with it, what is asked for at once is read at once. */
  readonly oneOf?: (ids: string) => RawBuilder<string>
  /** Replaces rows in place: gets them as JSON under the name `rows`, and answers with the versions of those that it wrote. */
  readonly replaceMany?: (table: SessionTable) => RawBuilder<{ version: string }>
  /** The sweep, which takes no lock that a live session, or another sweep, would wait for. */
  sweep(database: OpenDatabase, table: SessionTable): (now: number, limit: number) => Promise<number>
  /** Removes the rows with this value, but for one, where a single `delete` could miss one that rotates meanwhile. */
  deleteBy?(
    database: OpenDatabase,
    table: SessionTable,
    column: string,
  ): (value: string, except: string) => Promise<number>
  /** The database's clock in ms since 1970, where it may be another one than this process's. */
  readonly now?: RawBuilder<number>
  /** What is wrong with the settings of this database. */
  warnings(db: Kysely<SessionDatabase>): Promise<string[]>
}
