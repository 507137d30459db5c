import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A row of the session table. Times are ms since 1970, so that no database's time zone can move them. */
export interface SessionRow {
  id: string
  user_id: string | null
  payload: string
  version: string
  created_at: number
  expires_at: number
}

export interface SessionDatabase {
  session: SessionRow
}

/** Which index values have a column, and which. Each of these columns is indexed. */
export const indexColumns: Readonly<Record<string, 'user_id'>> = { userId: 'user_id' }

/** What `migrate()` runs, in the order of the names, each once. Never change one that was released: add another. */
export const migrations: Record<string, Migration> = {
  '001_session': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('session')
        .addColumn('id', 'varchar(43)', column => column.primaryKey())
        .addColumn('user_id', 'varchar(255)')
        .addColumn('payload', 'text', column => column.notNull())
        .addColumn('version', 'varchar(32)', column => column.notNull())
        .addColumn('created_at', 'bigint', column => column.notNull())
        .addColumn('expires_at', 'bigint', column => column.notNull())
        .execute()
      await db.schema.createIndex('session_user_id').on('session').column('user_id').execute()
      await db.schema.createIndex('session_expires_at').on('session').column('expires_at').execute()
    },
  },
}
