import { randomUUID } from 'node:crypto'
import type { Dialect } from 'kysely'
import { MysqlDialect, PostgresDialect } from 'kysely'
import mysql from 'mysql2'
import mysqlPromise from 'mysql2/promise'
import pg, { type PoolConfig } from 'pg'
import { afterAll, beforeAll } from 'vitest'
import type { DatabaseHandle } from '../../../src/stores/database/database-store.ts'
import { describeWithService } from '../describe-with-service.ts'
import type { SqlAddress } from '../postgres.ts'

type Row = Record<string, unknown>

/** One connection, for statements of the test's own. */
export interface SqlConnection {
  query(text: string): Promise<Row[]>
}

export interface PoolChoices {
  readonly impatient?: boolean
  readonly max?: number
  /** What the server is told of each connection: options of PostgreSQL's command line, a statement of MariaDB. */
  readonly settings?: string
}

/** A program's pool. */
export interface SqlPool extends SqlConnection {
  readonly handle: DatabaseHandle
}

/** An empty database on a real server, for one group of tests. */
export interface SqlDatabase {
  readonly kind: 'postgres' | 'mariadb'
  readonly address: SqlAddress
  /** Another pool, as another process has one. With `impatient`, a statement that waits a second for a lock fails. */
  pool(options?: PoolChoices): SqlPool
  /** The same as a dialect of Kysely. */
  dialect(options?: PoolChoices): Dialect
  /** Runs statements of the test's own. */
  query: SqlConnection['query']
  /** A connection that nobody else uses, for a transaction. */
  connect(): Promise<SqlConnection>
  /** Resolves when so many statements on this database wait for a lock. @default 1 */
  someoneWaits(statements?: number): Promise<void>
}

/** Runs the tests of `body` on an empty database of each server. */
export function describeOnServers(body: (database: SqlDatabase) => void): void {
  describeWithService('postgres', address => body(postgresDatabase(address)))
  describeWithService('mariadb', address => body(mariadbDatabase(address)))
}

/** A PostgreSQL database for the tests of this group. */
export function postgresDatabase({ connection: server, log }: SqlAddress): SqlDatabase {
  const connection = { ...server, database: `test_${randomUUID().slice(0, 8)}` }
  const atTheEnd = disposals()
  const newPool = (config: PoolConfig): pg.Pool => {
    const pool = new pg.Pool({ ...connection, ...config })
    atTheEnd(() => pool.end())
    return pool
  }
  const poolFor = ({ impatient = false, max = 10, settings = '' }: PoolChoices = {}): pg.Pool => {
    const patience = impatient ? '-c statement_timeout=1000 -c lock_timeout=1000' : ''
    return newPool({ max, options: `${patience} ${settings}` })
  }
  const own = newPool({ max: 5 })
  const query: SqlConnection['query'] = async text => (await own.query(text)).rows
  createFirst(async () => {
    const client = new pg.Client(server)
    await client.connect()
    await client.query(`create database ${connection.database}`)
    await client.end()
  })
  return {
    kind: 'postgres',
    address: { connection, log },
    pool(options) {
      const pool = poolFor(options)
      return { handle: pool, query: async text => (await pool.query(text)).rows }
    },
    dialect: options => new PostgresDialect({ pool: poolFor(options) }),
    query,
    async connect() {
      const client = await own.connect()
      atTheEnd(() => client.release())
      return { query: async text => (await client.query(text)).rows }
    },
    someoneWaits: (statements = 1) =>
      until(async () => {
        const waiting = `select 1 from pg_stat_activity where datname = '${connection.database}' and wait_event_type = 'Lock'`
        return (await query(waiting)).length >= statements
      }),
  }
}

/** A MariaDB database for the tests of this group. */
export function mariadbDatabase({ connection: server, log }: SqlAddress): SqlDatabase {
  const connection = { ...server, database: `test_${randomUUID().slice(0, 8)}` }
  const atTheEnd = disposals()
  const poolFor = ({ impatient = false, max = 10, settings = '' }: PoolChoices = {}): mysql.Pool => {
    const pool = mysql.createPool({ ...connection, connectionLimit: max })
    const all = [settings, impatient ? 'set innodb_lock_wait_timeout = 1, lock_wait_timeout = 1' : '']
    pool.on('connection', client => {
      for (const setting of all.filter(Boolean)) client.query(setting)
    })
    atTheEnd(() => pool.promise().end())
    return pool
  }
  const own = poolFor({ max: 5 }).promise()
  const query: SqlConnection['query'] = async text => (await own.query(text))[0] as Row[]
  createFirst(async () => {
    const client = await mysqlPromise.createConnection(server)
    await client.query(`create database ${connection.database}`)
    await client.end()
  })
  return {
    kind: 'mariadb',
    address: { connection, log },
    pool(options) {
      const pool = poolFor(options)
      return { handle: pool, query: async text => (await pool.promise().query(text))[0] as Row[] }
    },
    dialect: options => new MysqlDialect({ pool: poolFor(options) }),
    query,
    async connect() {
      const client = await own.getConnection()
      atTheEnd(() => client.release())
      return { query: async text => (await client.query(text))[0] as Row[] }
    },
    someoneWaits: (statements = 1) =>
      until(async () => {
        const [status] = await query('show engine innodb status')
        const ours = await query('select id from information_schema.processlist where db = database()')
        const waiting = waitingThreads(String(status?.Status))
        return ours.filter(({ id }) => waiting.includes(String(id))).length >= statements
      }),
  }
}

/**
 * The ids of the connections that wait for a lock. The table innodb_trx would tell as well, but what it shows is made anew only
 * after nobody has looked at it for 100 ms: who looks more often may see the same for ever.
 */
function waitingThreads(status: string): string[] {
  const [, transactions = ''] = status.split('LIST OF TRANSACTIONS FOR EACH SESSION')
  const waiting = transactions.split('---TRANSACTION').filter(transaction => transaction.includes('\nLOCK WAIT'))
  return waiting.flatMap(transaction => /thread id (\d+)/.exec(transaction)?.[1] ?? [])
}

/** Resolves when the condition holds; the runner's timeout ends a wait for what never comes. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 5))
}

function createFirst(create: () => Promise<void>): void {
  beforeAll(create)
}

/** What is to be closed when the tests of this group are over, the last one opened first. */
function disposals(): (close: () => unknown) => void {
  const all: (() => unknown)[] = []
  afterAll(async () => {
    for (const close of all.toReversed()) await close()
  })
  return close => void all.push(close)
}
