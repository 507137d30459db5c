import { type Expression, type RawBuilder, sql } from 'kysely'
import type { Dialect } from '../stores/database/dialect.ts'
import { mysql } from '../stores/database/mysql.ts'
import { postgres } from '../stores/database/postgres.ts'

/** How Django keeps what is not text in one kind of database, and how to ask for it. */
export interface DjangoColumns {
  /** A date of Django's: ms since 1970, or with SQLite the text that Django wrote. See `momentIn`. */
  date(column: string): RawBuilder<unknown>
  /** What makes a date of the text of `dateText`. */
  toDate(text: Expression<unknown>): RawBuilder<unknown>
  /** A column as something that equals a text only if all its bytes do. */
  exactly(column: string): RawBuilder<unknown>
  /** A number that may be too large for the column that it is compared with. */
  toNumber(value: Expression<unknown>): RawBuilder<unknown>
}

const plain: DjangoColumns = {
  date: column => sql`${sql.ref(column)}`,
  toDate: text => sql`${text}`,
  exactly: column => sql`${sql.ref(column)}`,
  toNumber: value => sql`${value}`,
}

const ofPostgres: DjangoColumns = {
  ...plain,
  date: column => sql`floor(extract(epoch from ${sql.ref(column)}) * 1000)`,
  toDate: text => sql`cast(${text} || '+00' as timestamptz)`,
  toNumber: value => sql`cast(${value} as bigint)`,
}

const ofMysql: DjangoColumns = {
  ...plain,
  // Drivers give dates in the zone of the process; a number has none.
  date: column => sql`timestampdiff(microsecond, '1970-01-01', ${sql.ref(column)}) div 1000`,
  // Django's columns take letters of another case for equal.
  exactly: column => sql`cast(${sql.ref(column)} as binary)`,
}

export function columnsOf(dialect: Dialect): DjangoColumns {
  if (dialect === postgres) return ofPostgres
  return dialect === mysql ? ofMysql : plain
}

/** Python's dates end with the year 9999. */
const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** A moment in ms since 1970 as Django writes it, in UTC (`USE_TZ`). */
export function dateText(ms: number): string {
  const [day, time = ''] = new Date(Math.min(ms, latest)).toISOString().split('T')
  return `${day} ${time.replace('.000Z', '').replace('Z', '000')}`
}

/** The ms since 1970 of what a `date` column gave. A text that is no date is long over. */
export function momentIn(value: unknown): number {
  if (typeof value !== 'string' || !value.includes('-', 1)) return Number(value)
  // Python has microseconds.
  return Date.parse(`${value.slice(0, 23).replace(' ', 'T')}Z`) || 0
}
