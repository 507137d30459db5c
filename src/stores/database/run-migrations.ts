import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { KeepsakeError } from '../../errors.ts'
import type { Dialect, DriverError } from './dialect.ts'

export type Migrations = Record<string, Migration>

/** The steps that bring tables up to date, and where it is noted which of them were taken. */
export interface MigrationPlan {
  readonly migrationTable: string
  readonly steps: Migrations
  /** The error for a table that lacks a column: it is not one of ours. */
  readonly foreignTable: (cause: unknown) => KeepsakeError
}

/**
 * Brings tables up to date: safe to repeat, to interrupt, and to run from several processes at once. Kysely's lock keeps
 * processes apart where the database has one. Where it has none (SQLite), or another version of the program migrates at the
 * same time, the one who came second finds its step taken and looks again.
 */
export async function runMigrations<Tables>(
  db: Kysely<Tables>,
  { errors }: Dialect,
  plan: MigrationPlan,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const migrator = await migratorFor(db as unknown as Kysely<StepsTaken>, errors, plan)
    const { error } = await migrator.migrateToLatest()
    if (!error) return
    if (errors.isMissing(error as DriverError)) throw plan.foreignTable(error)
    if (attempt === 3) throw error
  }
}

type StepsTaken = Record<string, { name: string }>

async function migratorFor(
  db: Kysely<StepsTaken>,
  errors: Dialect['errors'],
  { migrationTable, steps }: MigrationPlan,
): Promise<Migrator> {
  const done = await executed(db, errors, migrationTable)
  return new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...done, ...steps }) },
    migrationTableName: migrationTable,
    migrationLockTableName: 'keepsake_migration_lock',
    // A column may be asked for at any time.
    allowUnorderedMigrations: true,
    // Each step holds by itself and may be repeated, since not every database can undo one.
    disableTransactions: true,
  })
}

/** Steps that were taken by a newer version, or for a column that this program no longer has, are none of its business. */
async function executed(db: Kysely<StepsTaken>, errors: Dialect['errors'], tableName: string): Promise<Migrations> {
  try {
    const steps = await db.selectFrom(tableName).select('name').execute()
    return Object.fromEntries(steps.map(({ name }) => [name, { up: async () => undefined }]))
  } catch (error) {
    if (errors.isMissing(error as DriverError)) return {}
    throw error
  }
}

/** A statement that makes a table, a column or an index. */
export interface SchemaStatement {
  execute(): Promise<unknown>
}

/** Makes what is to be there, unless an interrupted run has made it already. */
export async function ensure({ errors }: Dialect, statement: SchemaStatement): Promise<void> {
  try {
    await statement.execute()
  } catch (error) {
    if (!errors.isPresent(error as DriverError)) throw error
  }
}
