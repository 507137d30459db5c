import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { KeepsakeError } from '../../errors.ts'
import type { Dialect, DriverError, OpenDatabase } from './dialect.ts'
import { ownColumns, type SessionDatabase, type SessionTable } from './table.ts'

type Migrations = Record<string, Migration>

/**
 * Brings the table up to date: safe to repeat, to interrupt, and to run from several processes at once. Kysely's lock keeps
 * processes apart where the database has one. Where it has none (SQLite), or another version of the program migrates at the
 * same time, the one who came second finds its step taken and looks again.
 */
export async function migrate({ db }: OpenDatabase, dialect: Dialect, table: SessionTable): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const migrator = await migratorFor(db, dialect, table)
    const { error } = await migrator.migrateToLatest()
    if (!error) return
    if (dialect.errors.isMissing(error as DriverError)) throw foreignTable(table, error)
    if (attempt === 3) throw error
  }
}

async function migratorFor(db: Kysely<SessionDatabase>, dialect: Dialect, table: SessionTable): Promise<Migrator> {
  const migrationTableName = table.name === 'session' ? 'keepsake_migration' : `keepsake_migration_${table.name}`
  const done = await executed(db, dialect, migrationTableName)
  return new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...done, ...migrations(dialect, table) }) },
    migrationTableName,
    migrationLockTableName: 'keepsake_migration_lock',
    // A column may be asked for at any time.
    allowUnorderedMigrations: true,
    // Each step holds by itself and may be repeated, since not every database can undo one.
    disableTransactions: true,
  })
}

/** Steps that were taken by a newer version, or for an `index` that this program no longer has, are none of its business. */
async function executed(db: Kysely<SessionDatabase>, { errors }: Dialect, tableName: string): Promise<Migrations> {
  const tables = db as unknown as Kysely<Record<string, { name: string }>>
  try {
    const steps = await tables.selectFrom(tableName).select('name').execute()
    return Object.fromEntries(steps.map(({ name }) => [name, { up: async () => undefined }]))
  } catch (error) {
    if (errors.isMissing(error as DriverError)) return {}
    throw error
  }
}

/** What `migrate()` runs, each once. Never change one that was released: add another. */
function migrations(dialect: Dialect, { name, columns }: SessionTable): Migrations {
  const steps: Migrations = {
    '001_session': {
      async up(db: Kysely<SessionDatabase>): Promise<void> {
        await ensure(dialect, createTable(db, dialect, name))
        // It may be another library's table: then this fails, and nothing was changed.
        await db.selectFrom(name).select(ownColumns).limit(0).execute()
        await ensure(dialect, createIndex(db, name, 'user_id'))
        await ensure(dialect, createIndex(db, name, 'expires_at'))
      },
    },
  }
  for (const column of columns.values()) {
    if (column !== 'user_id') steps[`column_${column}`] = indexedColumn(dialect, name, column)
  }
  return steps
}

function createTable(db: Kysely<SessionDatabase>, { types, tableSuffix }: Dialect, name: string): Statement {
  const table = db.schema
    .createTable(name)
    .addColumn('id', types.id, column => column.primaryKey())
    .addColumn('user_id', types.indexed)
    .addColumn('payload', types.payload, column => column.notNull())
    .addColumn('version', types.id, column => column.notNull())
    .addColumn('created_at', 'bigint', column => column.notNull())
    .addColumn('expires_at', 'bigint', column => column.notNull())
  return tableSuffix ? table.modifyEnd(tableSuffix) : table
}

function createIndex(db: Kysely<SessionDatabase>, table: string, column: string): Statement {
  return db.schema.createIndex(`${table}_${column}`).on(table).column(column)
}

function indexedColumn(dialect: Dialect, table: string, column: string): Migration {
  return {
    async up(db: Kysely<SessionDatabase>): Promise<void> {
      await ensure(dialect, db.schema.alterTable(table).addColumn(column, dialect.types.indexed))
      await ensure(dialect, createIndex(db, table, column))
    },
  }
}

interface Statement {
  execute(): Promise<unknown>
}

/** Makes what is to be there, unless an interrupted run has made it already. */
async function ensure({ errors }: Dialect, statement: Statement): Promise<void> {
  try {
    await statement.execute()
  } catch (error) {
    if (!errors.isPresent(error as DriverError)) throw error
  }
}

function foreignTable({ name }: SessionTable, cause: unknown): KeepsakeError {
  return new KeepsakeError(
    'OPTION_INVALID',
    `databaseStore: table "${name}" exists in this database and is not one of Keepsake; name another: databaseStore(database, { table: 'keepsake_session' })`,
    { cause },
  )
}
