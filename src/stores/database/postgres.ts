import { hash } from 'node:crypto'
import { Kysely, PostgresDialect, type PostgresPool, sql } from 'kysely'
import type { DatabaseErrors, Dialect, DriverError, OpenDatabase } from './dialect.ts'
import { type Prepare, param, statement } from './statement.ts'
import type { SessionDatabase } from './table.ts'

/** The part of a `Pool` of the package `pg` that a store uses. */
export interface PostgresHandle extends PostgresPool {
  readonly totalCount: number
  query(
    query: { name?: string; text: string },
    values: readonly unknown[],
  ): Promise<{ rows: unknown[]; rowCount: number | null }>
  on(event: 'error', listener: () => void): unknown
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const errors: DatabaseErrors = {
  isDuplicate: ({ code }) => code === '23505',
  isMissing: ({ code }) => code === '42P01' || code === '42703',
  isPresent: ({ code }) => code === '42P07' || code === '42701',
  isRetryable: ({ code }) => code === '40001' || code === '40P01',
  isDeadlock: ({ code }) => code === '40P01',
  // Not of those after which nobody knows, or which all others would meet too: a connection, a limit of the server, its end. But of a
  // statement that is cancelled (57014), as by a statement_timeout.
  isRefused: ({ code = '' }) => /^(?!08|40|53|57(?!014)|58)[0-9P][0-9A-Z]{4}$/.test(code),
}

/** PostgreSQL, through a pool of `pg`. */
export const postgres: Dialect = {
  sample: 'select $1 as "x"',
  errors,
  // The collation "C" compares bytes, which is also the cheapest.
  types: {
    id: sql`varchar(43) collate "C"`,
    indexed: sql`varchar(255) collate "C"`,
    payload: 'text',
    text: characters => sql`varchar(${sql.lit(characters)}) collate "C"`,
  },
  oneOf: ids => sql`any(string_to_array(${ids}, ','))`,
  open: handle => ('totalCount' in handle && 'query' in handle ? openPool(handle as PostgresHandle) : null),

  /**
   * A row that somebody has locked is passed over, like one that has changed: whoever waited for one row would make the others wait,
   * and two such statements could wait for each other. It is the weaker lock of an update that leaves the key alone: rows of the
   * program's own tables may refer to a session. The planner takes any JSON for a hundred rows, and reads a table of
   * thousands as a whole rather than to look up so many; an array it takes for ten.
   */
  replaceMany({ name, columns }) {
    const table = sql.table(name)
    const texts = ['payload', 'version', ...columns.values()]
    const times = ['created_at', 'expires_at']
    const types = [...['wasId', 'wasVersion', ...texts].map(typed('text')), ...times.map(typed('bigint'))]
    return sql`
      with asked as (select * from json_to_recordset(${param('rows')}::json) as asked(${sql.join(types)})),
      free as (
        select asked.* from ${table} as old join asked on old.id = asked."wasId" and old.version = asked."wasVersion"
        where old.id = any(array(select "wasId" from asked)) for no key update of old skip locked
      )
      update ${table} as old set ${sql.join([...texts, ...times].map(column => sql`${sql.ref(column)} = ${sql.ref(`free.${column}`)}`))}
      from free where old.id = free."wasId" returning free.version`
  },

  /** One statement. An array, unlike a subquery, is computed once, and makes the planner look rows up by their primary key. */
  sweep({ db, prepare }, { name }) {
    const table = sql.table(name)
    const expired = sql`expires_at <= ${param('now')}`
    const ids = sql`select id from ${table} where ${expired} order by expires_at limit ${param('limit')} for update skip locked`
    const query = sql`delete from ${table} where id = any(array(${ids})) and ${expired}`
    const sweep = statement(prepare, query.compile(db))
    return async (now, limit) => Number((await sweep({ now, limit })).numAffectedRows ?? 0)
  },

  now: sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,

  async warnings(db) {
    const { rows } = await sql<{
      value: string
    }>`select current_setting('synchronous_commit') as value`.execute(db)
    return rows[0]?.value === 'off' ? [asynchronous] : []
  },
}

const typed = (type: 'text' | 'bigint') => (column: string) => sql`${sql.ref(column)} ${sql.raw(type)}`

const asynchronous =
  'PostgreSQL has synchronous_commit = off, so a crash can undo a login or a logout that was already answered. Set it to on for the role or the database of the sessions.'

function openPool(pool: PostgresHandle): OpenDatabase {
  // Without a listener, an idle connection that breaks would end the process. The pool has dropped it by then.
  pool.on('error', () => undefined)
  return {
    db: new Kysely<SessionDatabase>({ dialect: new PostgresDialect({ pool }) }),
    prepare: prepareNamed(pool),
  }
}

/**
 * Runs queries as named statements, which each connection parses and plans only once: a third less time for a round trip.
 * Behind a pooler that gives every transaction another connection, such as PgBouncer before 1.21, names lead nowhere. The first
 * error that says so, before anything was run, ends their use.
 */
function prepareNamed(pool: PostgresHandle): Prepare {
  let naming = true
  return ({ sql: text }) => {
    // Made once, with the values beside it: pg copies it for each call, property by property.
    const [named, unnamed] = [{ name: `keepsake_${hash('sha256', text, 'hex').slice(0, 32)}`, text }, { text }]
    const send = async (parameters: readonly unknown[]) => {
      const { rows, rowCount } = await pool.query(naming ? named : unnamed, parameters)
      return { rows: rows as never[], numAffectedRows: BigInt(rowCount ?? 0) }
    }
    return parameters =>
      send(parameters).catch(error => {
        if (!isUnknownName(error as DriverError)) throw error
        naming = false
        return send(parameters)
      })
  }
}

function isUnknownName({ code }: DriverError): boolean {
  return code === '26000' || code === '42P05'
}
