import type { DatabaseHandle } from '../../../stores/database/open-database.ts'
import type { UserGroups, UserStore } from '../user-store.ts'
import type { Fields, FieldValues } from './columns.ts'
import { databaseGroups } from './database-groups.ts'
import { migrateUsers } from './migrate-users.ts'
import { openUsers } from './open-users.ts'
import { userTables } from './tables.ts'
import { userRows } from './user-rows.ts'

/** Users, groups and permissions in a database. */
export interface DatabaseUsers<Own extends object = object> extends UserStore<Own>, UserGroups {
  /** Creates or updates the tables. Safe to call at every start, and from several processes at once. */
  migrate(): Promise<void>
}

/** Options of `databaseUsers`. */
export interface DatabaseUsersOptions<F extends Fields> {
  /** What the names of the five tables begin with: `keepsake_user`, `keepsake_group` and three more. @default 'keepsake_' */
  readonly prefix?: string
  /** Your own fields: 'text', 'number', 'boolean' or 'date'. Each has a column, `phone_number` for `phoneNumber`. @default none */
  readonly fields?: F
}

export type { DatabaseHandle }

/**
 * Keeps users in tables of your database, through your own handle, as `databaseStore` keeps sessions: an SQLite `DatabaseSync` or
 * better-sqlite3 `Database`, a `Pool` of pg, a pool of mysql2, or a Kysely instance of one of these. `docs/users.md` has the
 * tables.
 *
 * @example
 * const store = databaseUsers(new DatabaseSync('app.db'), { fields: { phone: 'text', newsletter: 'boolean' } })
 * await store.migrate()
 * const users = createUsers({ store, passwords: createPasswords() })
 */
export function databaseUsers<const F extends Fields = Record<never, never>>(
  handle: DatabaseHandle,
  options: DatabaseUsersOptions<F> = {},
): DatabaseUsers<FieldValues<F>> {
  const { prefix = 'keepsake_', fields = {} } = options
  const tables = userTables(prefix, fields)
  const open = openUsers(handle)
  return {
    ...userRows<FieldValues<F>>(open, tables),
    ...databaseGroups(open, tables),
    migrate: () => migrateUsers(open.db, open.dialect, tables),
  }
}
