import { KeepsakeError } from '../../../errors.ts'
import { builtInColumns, type Column, type Fields, ownColumns } from './columns.ts'

interface UserRow {
  id: string
  username: string
  email: string
  first_name: string
  last_name: string
  password: string
  is_active: number
  is_staff: number
  is_superuser: number
  joined_at: number
  last_login_at: number | null
  sessions_valid_from: number
}

/** The tables as Kysely's types know them. Those of another prefix, and own columns, have the same shape. */
export interface UserDatabase {
  keepsake_user: UserRow
  keepsake_group: { id: string; name: string }
  keepsake_user_group: { user_id: string; group_id: string }
  keepsake_user_permission: { user_id: string; permission: string }
  keepsake_group_permission: { group_id: string; permission: string }
}

/** The tables of one `databaseUsers`. */
export interface UserTables {
  readonly user: 'keepsake_user'
  readonly group: 'keepsake_group'
  readonly userGroup: 'keepsake_user_group'
  readonly userPermission: 'keepsake_user_permission'
  readonly groupPermission: 'keepsake_group_permission'
  /** Of the user table: every field. */
  readonly columns: readonly Column[]
  /** Of these, the program's own. */
  readonly own: readonly Column[]
}

/** The tables that these options name. Throws for names that a database would take for another, or cut: PostgreSQL does after 63. */
export function userTables(prefix: string, fields: Fields): UserTables {
  if (!/^[a-z][a-z0-9_]{0,19}$/i.test(prefix)) {
    throw new KeepsakeError(
      'OPTION_INVALID',
      `databaseUsers: prefix ${JSON.stringify(prefix)} is not a letter and at most 19 letters, digits or underscores`,
    )
  }
  const own = ownColumns(fields)
  return {
    user: `${prefix}user` as 'keepsake_user',
    group: `${prefix}group` as 'keepsake_group',
    userGroup: `${prefix}user_group` as 'keepsake_user_group',
    userPermission: `${prefix}user_permission` as 'keepsake_user_permission',
    groupPermission: `${prefix}group_permission` as 'keepsake_group_permission',
    columns: [...builtInColumns, ...own],
    own,
  }
}
