import { sql } from 'kysely'
import type { Rights } from '../../auth/users/user-store.ts'
import { sqlite } from '../../stores/database/sqlite.ts'
import type { OpenTables } from './open-tables.ts'

/** The user's groups, their own permissions and those of the groups, as Django names them: `blog.add_post`. */
export async function rightsOf(tables: OpenTables, id: string): Promise<Rights> {
  const { run, userGroups, userPermissions } = tables
  const isMine = sql`mine.user_id = ${tables.toId(id)}`
  const ofGroups = await run(sql<{ name: unknown }>`
    select auth_group.name from ${userGroups} as mine join auth_group on auth_group.id = mine.group_id where ${isMine}`)
  const permission = sql`select kind.app_label, auth_permission.codename from auth_permission
    join django_content_type as kind on kind.id = auth_permission.content_type_id`
  const given = await run(sql<{ app_label: unknown; codename: unknown }>`
    ${permission} join ${userPermissions} as mine on mine.permission_id = auth_permission.id where ${isMine}
    union ${permission} join auth_group_permissions as theirs on theirs.permission_id = auth_permission.id
    join ${userGroups} as mine on mine.group_id = theirs.group_id where ${isMine}`)
  return {
    groups: ofGroups.rows.map(({ name }) => String(name)).sort(),
    permissions: given.rows.map(row => `${row.app_label}.${row.codename}`).sort(),
  }
}

/** Removes the user. Django's tables let nothing go by themselves: what belongs to the user goes first, as Django does it. */
export function deleteUser({ db, dialect, surely, ...tables }: OpenTables, id: string): Promise<boolean> {
  const run = async (connection: OpenTables['db']): Promise<boolean> => {
    for (const link of [tables.userGroups, tables.userPermissions]) {
      await sql`delete from ${link} where user_id = ${tables.toId(id)}`.execute(connection)
    }
    const { numAffectedRows } = await sql`delete from ${tables.user} where id = ${tables.toId(id)}`.execute(connection)
    return numAffectedRows === 1n
  }
  // A handle of SQLite is one connection: what others write through it meanwhile would be part of the transaction.
  return surely(() => (dialect === sqlite ? run(db) : db.transaction().execute(run)))
}
