import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { KeepsakeError } from '../../errors.ts'
import type { Dialect, OpenDatabase } from './dialect.ts'
import { ensure, type Migrations, runMigrations, type SchemaStatement } from './run-migrations.ts'
import { ownColumns, type SessionDatabase, type SessionTable } from './table.ts'

/** Brings the table up to date: safe to repeat, to interrupt, and to run from several processes at once. */
export function migrate({ db }: OpenDatabase, dialect: Dialect, table: SessionTable): Promise<void> {
  return runMigrations(db, dialect, {
    migrationTable: table.name === 'session' ? 'keepsake_migration' : `keepsake_migration_${table.name}`,
    steps: migrations(dialect, table),
    foreignTable: cause => foreignTable(table, cause),
  })
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

function createTable(db: Kysely<SessionDatabase>, { types, tableSuffix }: Dialect, name: string): SchemaStatement {
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

function createIndex(db: Kysely<SessionDatabase>, table: string, column: string): SchemaStatement {
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

function foreignTable({ name }: SessionTable, cause: unknown): KeepsakeError {
  return new KeepsakeError(
    'OPTION_INVALID',
    `databaseStore: table "${name}" exists in this database and is not one of Keepsake; name another: databaseStore(database, { table: 'keepsake_session' })`,
    { cause },
  )
}
