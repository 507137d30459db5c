import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { KeepsakeError } from '../../errors.ts'
import type {
  ExpirySweep,
  IndexedRecord,
  IndexValues,
  SessionIndex,
  SessionRecord,
  SessionStore,
  StoredRecord,
} from '../store.ts'
import type { DriverError } from './errors.ts'
import { indexColumns, migrations, type SessionDatabase, type SessionRow } from './schema.ts'
import { kyselyOf, sqliteErrors } from './sqlite.ts'
import { param, statement } from './statement.ts'

/** A store in a database, with what it can do beyond. */
export interface DatabaseStore extends SessionStore, SessionIndex, ExpirySweep {
  /** Creates or updates the tables. Safe to call at every start, and from several processes at once. */
  migrate(): Promise<void>
}

/**
 * Keeps records in a table `session` of your database, through your own handle: an SQLite `DatabaseSync` of `node:sqlite`,
 * or a Kysely instance. What was saved is as durable as the database makes a committed transaction.
 *
 * @example
 * import { DatabaseSync } from 'node:sqlite'
 * const store = databaseStore(new DatabaseSync('app.db'))
 * await store.migrate()
 */
// biome-ignore lint/suspicious/noExplicitAny: a Kysely instance of any tables will do, as it may have others beside ours
export function databaseStore(database: DatabaseSync | Kysely<any>): DatabaseStore {
  const db: Kysely<SessionDatabase> =
    'selectFrom' in database ? database.withoutPlugins() : kyselyOf(database)
  const run = statements(db)

  return {
    async read(id): Promise<StoredRecord | null> {
      const { rows } = await explained(run.read({ id }))
      return rows[0] ? fromRow(rows[0]) : null
    },

    async create(id, record): Promise<boolean> {
      return written(run.create({ ...toRow(record), id }))
    },

    async replace(was, id, record): Promise<boolean> {
      return written(run.replace({ ...toRow(record), id, wasId: was.id, wasVersion: was.version }))
    },

    async delete(id): Promise<void> {
      await explained(run.delete({ id }))
    },

    async *find(name, value): AsyncGenerator<IndexedRecord> {
      const query = db.selectFrom('session').select(['id', 'payload', 'version', 'expires_at'])
      for (const row of await explained(query.where(columnOf(name), '=', value).execute())) {
        yield { id: row.id, ...fromRow(row) }
      }
    },

    async deleteBy(name, value, { except } = {}): Promise<number> {
      const query = db.deleteFrom('session').where(columnOf(name), '=', value)
      const spared = except === undefined ? query : query.where('id', '!=', except)
      return affected(await explained(spared.execute()))
    },

    async deleteExpired(now, { limit }): Promise<number> {
      return explained(deleteExpired(db, now.getTime(), limit))
    },

    async migrate(): Promise<void> {
      const { error } = await migratorFor(db).migrateToLatest()
      if (error) throw error
    },
  }
}

function statements(db: Kysely<SessionDatabase>) {
  const row = {
    id: param('id'),
    user_id: param('user_id'),
    payload: param('payload'),
    version: param('version'),
    created_at: param('created_at'),
    expires_at: param('expires_at'),
  }
  const ours = db
    .updateTable('session')
    .where('id', '=', param('wasId'))
    .where('version', '=', param('wasVersion'))
  const read = db
    .selectFrom('session')
    .select(['payload', 'version', 'expires_at'])
    .where('id', '=', param('id'))
  return {
    read: statement(db as never, read),
    create: statement(db as never, db.insertInto('session').values(row)),
    replace: statement(db as never, ours.set(row)),
    delete: statement(db as never, db.deleteFrom('session').where('id', '=', param('id'))),
  }
}

/**
 * First the ids, by the index on `expires_at`, then the rows, by their primary key: no lock is taken on a live session. The
 * expiry is asked again, since a session may have been renewed in between.
 */
async function deleteExpired(db: Kysely<SessionDatabase>, now: number, limit: number): Promise<number> {
  const expired = db.selectFrom('session').select('id').where('expires_at', '<=', now)
  const rows = await expired.orderBy('expires_at').limit(limit).execute()
  if (rows.length === 0) return 0
  const ids = rows.map(row => row.id)
  return affected(
    await db.deleteFrom('session').where('id', 'in', ids).where('expires_at', '<=', now).execute(),
  )
}

function migratorFor(db: Kysely<SessionDatabase>): Migrator {
  return new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: 'keepsake_migration',
    migrationLockTableName: 'keepsake_migration_lock',
  })
}

/** A version is random, so that a record which was removed and made again is never taken for the one that was read. */
function toRow({ payload, createdAt, expiresAt, index }: SessionRecord): Omit<SessionRow, 'id'> {
  const version = randomBytes(12).toString('base64url')
  const times = { created_at: createdAt.getTime(), expires_at: expiresAt.getTime() }
  return { user_id: null, ...columnsOf(index), payload, version, ...times }
}

function fromRow({
  payload,
  version,
  expires_at,
}: Pick<SessionRow, 'payload' | 'version' | 'expires_at'>): StoredRecord {
  return { payload, version, expiresAt: new Date(Number(expires_at)) }
}

function columnsOf(index: IndexValues): Partial<Pick<SessionRow, 'user_id'>> {
  return Object.fromEntries(Object.entries(index).map(([name, value]) => [columnOf(name), value]))
}

function columnOf(name: string): 'user_id' {
  const column = indexColumns[name]
  if (!column) throw new KeepsakeError('TABLE_MISSING', `there is no column for the index value ${name}`)
  return column
}

/** Whether a row was written; false if there was none to write over, or one was in the way. */
async function written(result: Promise<{ numAffectedRows?: bigint | undefined }>): Promise<boolean> {
  try {
    return (await result).numAffectedRows === 1n
  } catch (error) {
    if (sqliteErrors.isDuplicate(error as DriverError)) return false
    throw explain(error)
  }
}

async function explained<T>(result: Promise<T>): Promise<T> {
  try {
    return await result
  } catch (error) {
    throw explain(error)
  }
}

function explain(error: unknown): unknown {
  const missing = sqliteErrors.isMissing(error as DriverError)
  return missing ? new KeepsakeError('TABLE_MISSING', '', { cause: error }) : error
}

function affected(results: readonly { numDeletedRows: bigint }[]): number {
  return Number(results.reduce((sum, { numDeletedRows }) => sum + numDeletedRows, 0n))
}
