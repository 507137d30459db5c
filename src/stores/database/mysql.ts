import { Kysely, MysqlDialect, type MysqlPool, type QueryResult, sql } from 'kysely'
import type { DatabaseErrors, Dialect, OpenDatabase } from './dialect.ts'
import type { SessionDatabase } from './table.ts'

/** The part of a pool of the package `mysql2` that a store uses. */
export interface MysqlCallbackPool extends MysqlPool {
  execute(
    query: { sql: string; values: unknown[]; rowsAsArray: false },
    callback: (error: unknown, result: unknown) => void,
  ): unknown
}

/** A pool of `mysql2`, or of `mysql2/promise`, which has such a pool inside. */
export type MysqlHandle = MysqlCallbackPool | { readonly pool: MysqlCallbackPool }

/** https://mariadb.com/kb/en/mariadb-error-codes/ */
const errors: DatabaseErrors = {
  isDuplicate: ({ errno }) => errno === 1062,
  isMissing: ({ errno }) => errno === 1146 || errno === 1054 || errno === 1072,
  isPresent: ({ errno }) => errno === 1050 || errno === 1060 || errno === 1061,
  isRetryable: ({ errno }) => errno === 1213 || errno === 1205,
  isTooLarge: ({ errno }) => errno === 1153,
}

/** MySQL 8 and MariaDB 10.6, or newer, through a pool of `mysql2`. */
export const mysql: Dialect = {
  sample: 'select ? as `x`',
  errors,
  // A text column would take letters of another case, and blanks at the end, for equal: one session would read another's record.
  types: {
    id: 'varbinary(43)',
    indexed: 'varbinary(255)',
    payload: sql`longtext character set utf8mb4 collate utf8mb4_bin`,
    // A character has up to 4 bytes.
    text: characters => `varbinary(${4 * characters})`,
  },
  tableSuffix: sql`engine = InnoDB`,

  open(handle) {
    const pool = 'pool' in handle ? handle.pool : handle
    return isPool(pool) ? openPool(pool) : null
  },

  /**
   * First the ids, by the index, then the rows, by their primary key. At READ COMMITTED, which holds for this transaction only,
   * no gap is locked, so that new sessions do not wait. Upwards, MariaDB would lock the first live session too, on which the
   * search ends. Both indexes are named, since a full scan, which locks every row, may seem cheaper to the planner.
   */
  sweep({ db }, { name }) {
    const table = sql.table(name)
    const byExpiry = sql`force index (${sql.ref(`${name}_expires_at`)})`
    return (now, limit) =>
      db
        .transaction()
        .setIsolationLevel('read committed')
        .execute(async transaction => {
          const { rows } = await sql<{ id: Buffer }>`
            select id from ${table} ${byExpiry} where expires_at <= ${now}
            order by expires_at desc limit ${sql.lit(limit)} for update skip locked`.execute(transaction)
          if (rows.length === 0) return 0
          const ids = sql.join(rows.map(({ id }) => String(id)))
          const { numAffectedRows } = await sql`
            delete ${table} from ${table} force index (primary)
            where id in (${ids}) and expires_at <= ${now}`.execute(transaction)
          return Number(numAffectedRows ?? 0)
        })
  },

  /**
   * At READ COMMITTED, which a pool may have chosen, a rotation moves a row from before the search to behind it, where nobody
   * looks any more. REPEATABLE READ, for this transaction, locks the gaps that it would move to. The index is named, since any
   * other way of searching would lock the rows of others. A Buffer is written in hex, where there is nothing to escape.
   */
  deleteBy({ db }, { name }, column) {
    const table = sql.table(name)
    return (value, except) =>
      db
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute(async transaction => {
          const { numAffectedRows } = await sql`
            delete ${table} from ${table} force index (${sql.ref(`${name}_${column}`)})
            where ${sql.ref(column)} = ${Buffer.from(value)} and id != ${Buffer.from(except)}`.execute(transaction)
          return Number(numAffectedRows ?? 0)
        })
  },

  // The session's time zone may repeat an hour in autumn; UTC does not.
  now: sql<number>`timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000`,

  async warnings(db) {
    const { rows } = await sql<{ mode: string; flush: number }>`
      select @@sql_mode as mode, @@innodb_flush_log_at_trx_commit as flush`.execute(db)
    return rows.flatMap(({ mode, flush }) => [
      ...(/STRICT_(TRANS|ALL)_TABLES/.test(mode) ? [] : [notStrict]),
      ...(Number(flush) === 1 ? [] : [asynchronous]),
    ])
  },
}

const notStrict =
  'This database is not in strict mode, so it cuts values that are too long instead of refusing them. Add STRICT_TRANS_TABLES to its sql_mode.'
const asynchronous =
  'This database has innodb_flush_log_at_trx_commit other than 1, so a power failure can undo a login or a logout that was already answered. Set it to 1.'

function isPool(pool: unknown): pool is MysqlCallbackPool {
  return typeof pool === 'object' && pool !== null && 'getConnection' in pool && 'execute' in pool
}

/** Queries run as prepared statements: no value is ever part of a text, whatever the server takes for an escape. */
function openPool(pool: MysqlCallbackPool): OpenDatabase {
  return {
    db: new Kysely<SessionDatabase>({ dialect: new MysqlDialect({ pool }) }),
    prepare: query => parameters =>
      new Promise((resolve, reject) => {
        const callback = (error: unknown, result: unknown): void => (error ? reject(error) : resolve(toResult(result)))
        pool.execute({ sql: query.sql, values: [...parameters], rowsAsArray: false }, callback)
      }),
  }
}

function toResult<Row>(result: unknown): QueryResult<Row> {
  if (Array.isArray(result)) return { rows: result }
  return { rows: [], numAffectedRows: BigInt((result as { affectedRows: number }).affectedRows) }
}
