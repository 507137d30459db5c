import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { createClient } from 'redis'
import { databaseStore } from '../../src/stores/database/database-store.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { redisStore } from '../../src/stores/redis/redis-store.ts'
import type { ExpirySweep, SessionIndex, SessionStore } from '../../src/stores/store.ts'
import type { SqlConnectionOptions } from '../../test/services/postgres.ts'
import type { ServiceAddresses, ServiceName } from '../../test/services/services.ts'
import { began, idOf, lifeMs, payloadOf, recordOf, sessionsPerUser, userOf } from './records.ts'

/** A store that finds by index value; Redis forgets by itself and need not be swept. */
export type FullStore = SessionStore & SessionIndex & Partial<ExpirySweep>

/** A store that can be filled quickly. */
export interface FillableStore {
  readonly store: FullStore
  /** Adds the records with the numbers `from` up to, but not with, `to`. */
  fill(from: number, to: number): Promise<unknown>
  close(): unknown
}

/** What `open` may need. */
interface Surroundings {
  readonly directory: string
  readonly addresses: Partial<ServiceAddresses>
}

/** A store whose growth is measured. */
export interface Contender {
  readonly id: string
  readonly title: string
  readonly services?: readonly ServiceName[]
  open(surroundings: Surroundings): Promise<FillableStore>
}

const columns = 'id, user_id, payload, version, created_at, expires_at'
const firstDay = 86_400_000

export const contenders: readonly Contender[] = [
  { id: 'memory', title: 'memoryStore', open: openMemory },
  { id: 'sqlite', title: 'SQLite', open: ({ directory }) => openSqlite(join(directory, 'growth.db')) },
  {
    id: 'postgres',
    title: 'PostgreSQL',
    services: ['postgres'],
    open: at => openPostgres(connectionTo('postgres', at)),
  },
  { id: 'mariadb', title: 'MariaDB', services: ['mariadb'], open: at => openMariadb(connectionTo('mariadb', at)) },
  { id: 'redis', title: 'Redis', services: ['redis'], open: openRedis },
]

function connectionTo(name: 'postgres' | 'mariadb', { addresses }: Surroundings): SqlConnectionOptions {
  const { connection } = addresses[name] ?? {}
  if (!connection) throw new Error(`${name} was not started`)
  return connection
}

async function openMemory(): Promise<FillableStore> {
  const store = memoryStore()
  return {
    store,
    async fill(from, to) {
      for (let number = from; number < to; number++) await store.create(idOf(number), recordOf(number))
    },
    close: () => undefined,
  }
}

async function openSqlite(file: string): Promise<FillableStore> {
  const database = new DatabaseSync(file)
  const store = databaseStore(database)
  await store.migrate()
  database.function('id_of', number => idOf(Number(number)))
  database.function('user_of', number => userOf(Number(number)))
  database.function('payload_of', number => payloadOf(Number(number)))
  const fill = database.prepare(
    `WITH RECURSIVE numbers(n) AS (SELECT ? UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?)
     INSERT INTO session (${columns})
     SELECT id_of(n), user_of(n), payload_of(n), 'filled', ${began}, ${began + firstDay} + n % ${lifeMs} FROM numbers`,
  )
  return { store, fill: async (from, to) => fill.run(from, to), close: () => database.close() }
}

async function openPostgres(connection: SqlConnectionOptions): Promise<FillableStore> {
  const pool = new pg.Pool(connection)
  const store = databaseStore(pool, { onWarning: () => undefined })
  await store.migrate()
  const [before = '', after = ''] = payloadOf(0).split('00000000')
  const id = `rtrim(translate(encode(sha256(n::text::bytea), 'base64'), '+/', '-_'), '=')`
  const fill = `INSERT INTO session (${columns})
    SELECT ${id}, 'user-' || n / ${sessionsPerUser}, $1::text || lpad(n::text, 8, '0') || $2::text, 'filled', ${began},
      ${began + firstDay} + n % ${lifeMs} FROM generate_series($3::bigint, $4::bigint - 1) AS n`
  return {
    store,
    async fill(from, to) {
      await pool.query(fill, [before, after, from, to])
      await pool.query('VACUUM ANALYZE session')
    },
    close: () => pool.end(),
  }
}

async function openMariadb(connection: SqlConnectionOptions): Promise<FillableStore> {
  const pool = mysql.createPool(connection)
  const store = databaseStore(pool, { onWarning: () => undefined })
  await store.migrate()
  // Else it is not the store that is measured, but how much of it fits into the memory that the tests give the server.
  await pool.query('SET GLOBAL innodb_buffer_pool_size = 2147483648')
  const [before = '', after = ''] = payloadOf(0).split('00000000')
  const id = `replace(replace(trim(trailing '=' from to_base64(unhex(sha2(seq, 256)))), '+', '-'), '/', '_')`
  return {
    store,
    async fill(from, to) {
      await pool.query(
        `INSERT INTO session (${columns})
         SELECT ${id}, concat('user-', seq div ${sessionsPerUser}), concat(?, lpad(seq, 8, '0'), ?), 'filled', ${began},
           ${began + firstDay} + seq mod ${lifeMs} FROM seq_${from}_to_${to - 1}`,
        [before, after],
      )
      await pool.query('ANALYZE TABLE session')
    },
    close: () => pool.end(),
  }
}

async function openRedis({ addresses: { redis } }: Surroundings): Promise<FillableStore> {
  if (!redis) throw new Error('redis was not started')
  const client = await createClient({ socket: redis }).connect()
  const store = redisStore(client, { onWarning: () => undefined })
  return {
    store,
    async fill(from, to) {
      for (let first = from; first < to; first += 500) {
        const numbers = Array.from({ length: Math.min(500, to - first) }, (_, i) => first + i)
        await Promise.all(numbers.map(number => store.create(idOf(number), recordOf(number))))
      }
    },
    close: () => client.close(),
  }
}
