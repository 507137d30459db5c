import type { CreateTableBuilder, Kysely } from 'kysely'
import { KeepsakeError } from '../../../errors.ts'
import type { ColumnType, Dialect } from '../../../stores/database/dialect.ts'
import { ensure, type Migrations, runMigrations } from '../../../stores/database/run-migrations.ts'
import type { FieldTypes } from './columns.ts'
import { builtInColumns } from './columns.ts'
import type { UserDatabase, UserTables } from './tables.ts'

type Database = Kysely<UserDatabase>

/** Brings the tables up to date: safe to repeat, to interrupt, and to run from several processes at once. */
export function migrateUsers(db: Database, dialect: Dialect, tables: UserTables): Promise<void> {
  return runMigrations(db, dialect, {
    migrationTable: `keepsake_migration_${tables.user}`,
    steps: migrations(dialect, tables),
    foreignTable: cause => foreignTable(tables, cause),
  })
}

/** What `migrate()` runs, each once. Never change one that was released: add another. */
function migrations(dialect: Dialect, tables: UserTables): Migrations {
  const steps: Migrations = {
    '001_user': { up: (db: Database) => createUsers(db, dialect, tables) },
    '002_group': { up: (db: Database) => createGroups(db, dialect, tables) },
    '003_rights': { up: (db: Database) => createRights(db, dialect, tables) },
  }
  for (const { column, type } of tables.own) {
    const columnType = fieldType(dialect, type)
    steps[`column_${column}`] = {
      up: (db: Database) => ensure(dialect, db.schema.alterTable(tables.user).addColumn(column, columnType)),
    }
  }
  return steps
}

async function createUsers(db: Database, dialect: Dialect, { user }: UserTables): Promise<void> {
  const { id, text, payload } = dialect.types
  const table = newTable(db, dialect, user)
    .addColumn('id', id, column => column.primaryKey())
    .addColumn('username', text(150), column => column.notNull())
    .addColumn('email', text(254), column => column.notNull())
    .addColumn('first_name', payload, column => column.notNull())
    .addColumn('last_name', payload, column => column.notNull())
    .addColumn('password', payload, column => column.notNull())
    .addColumn('is_active', 'smallint', column => column.notNull())
    .addColumn('is_staff', 'smallint', column => column.notNull())
    .addColumn('is_superuser', 'smallint', column => column.notNull())
    .addColumn('joined_at', 'bigint', column => column.notNull())
    .addColumn('last_login_at', 'bigint')
    .addColumn('sessions_valid_from', 'bigint', column => column.notNull())
  await ensure(dialect, table)
  // It may be another program's table: then this fails, and nothing was changed.
  const columns = builtInColumns.map(({ column }) => db.dynamic.ref(column))
  await db.selectFrom(user).select(columns).limit(0).execute()
  await ensure(dialect, db.schema.createIndex(`${user}_username`).unique().on(user).column('username'))
  await ensure(dialect, db.schema.createIndex(`${user}_email`).on(user).column('email'))
}

async function createGroups(db: Database, dialect: Dialect, { group, user, userGroup }: UserTables): Promise<void> {
  const { id, text } = dialect.types
  const groups = newTable(db, dialect, group)
    .addColumn('id', id, column => column.primaryKey())
    .addColumn('name', text(150), column => column.notNull())
  await ensure(dialect, groups)
  await db.selectFrom(group).select(['id', 'name']).limit(0).execute()
  await ensure(dialect, db.schema.createIndex(`${group}_name`).unique().on(group).column('name'))
  const members = newTable(db, dialect, userGroup)
    .addColumn('user_id', id, column => column.notNull())
    .addColumn('group_id', id, column => column.notNull())
    .addPrimaryKeyConstraint(`${userGroup}_pk`, ['user_id', 'group_id'])
    .addForeignKeyConstraint(`${userGroup}_user`, ['user_id'], user, ['id'], key => key.onDelete('cascade'))
    .addForeignKeyConstraint(`${userGroup}_group`, ['group_id'], group, ['id'], key => key.onDelete('cascade'))
  await ensure(dialect, members)
  await ensure(dialect, db.schema.createIndex(`${userGroup}_group_id`).on(userGroup).column('group_id'))
}

async function createRights(db: Database, dialect: Dialect, tables: UserTables): Promise<void> {
  const { id, text } = dialect.types
  const rights = (table: string, owner: 'user_id' | 'group_id', owners: string) =>
    newTable(db, dialect, table)
      .addColumn(owner, id, column => column.notNull())
      .addColumn('permission', text(150), column => column.notNull())
      .addPrimaryKeyConstraint(`${table}_pk`, [owner, 'permission'])
      .addForeignKeyConstraint(`${table}_of`, [owner], owners, ['id'], key => key.onDelete('cascade'))
  await ensure(dialect, rights(tables.userPermission, 'user_id', tables.user))
  await ensure(dialect, rights(tables.groupPermission, 'group_id', tables.group))
}

function newTable(db: Database, { tableSuffix }: Dialect, name: string): CreateTableBuilder<string> {
  const table = db.schema.createTable(name)
  return tableSuffix ? table.modifyEnd(tableSuffix) : table
}

function fieldType({ types }: Dialect, type: keyof FieldTypes): ColumnType {
  const columnTypes: Record<keyof FieldTypes, ColumnType> = {
    text: types.payload,
    number: 'double precision',
    boolean: 'smallint',
    date: 'bigint',
  }
  return columnTypes[type]
}

function foreignTable({ user, group }: UserTables, cause: unknown): KeepsakeError {
  return new KeepsakeError(
    'OPTION_INVALID',
    `databaseUsers: there is a table "${user}" or "${group}" in this database that is not one of Keepsake; choose another prefix: databaseUsers(database, { prefix: 'site_' })`,
    { cause },
  )
}
