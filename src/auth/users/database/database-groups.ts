import { type QueryResult, sql } from 'kysely'
import type { Dialect, DriverError } from '../../../stores/database/dialect.ts'
import { param } from '../../../stores/database/statement.ts'
import { checkRightName } from '../right-name.ts'
import { newUserId } from '../user-id.ts'
import type { Group, Rights, UserGroups, UserStore } from '../user-store.ts'
import { isWritten, type OpenUsers } from './open-users.ts'
import type { UserTables } from './tables.ts'

/** The part of the store that is about groups and permissions. */
export function databaseGroups(open: OpenUsers, tables: UserTables): UserGroups & Pick<UserStore, 'rightsOf'> {
  const run = statements(open, tables)
  const given = (write: Promise<QueryResult<unknown>>): Promise<boolean> => isGiven(open.dialect, write)

  return {
    async rightsOf(id): Promise<Rights> {
      const { rows } = await run.rights({ id })
      const names = (kind: string): string[] =>
        rows.filter(row => String(row.kind) === kind).map(row => String(row.name))
      return { groups: names('group').sort(), permissions: [...new Set(names('permission'))].sort() }
    },

    async createGroup(name): Promise<boolean> {
      checkRightName('group', name)
      return isWritten(open.dialect.errors, run.createGroup({ id: newUserId(new Date()), name }))
    },

    async deleteGroup(name): Promise<boolean> {
      return (await run.deleteGroup({ name })).numAffectedRows === 1n
    },

    async listGroups(): Promise<Group[]> {
      return toGroups((await run.groups({})).rows)
    },

    addToGroup: (id, group) => given(run.join({ id, group })),

    async removeFromGroup(id, group): Promise<void> {
      await run.leave({ id, group })
    },

    async grant(to, permission): Promise<boolean> {
      checkRightName('permission', permission)
      return given('user' in to ? run.grantUser({ ...to, permission }) : run.grantGroup({ ...to, permission }))
    },

    async revoke(from, permission): Promise<void> {
      await ('user' in from ? run.revokeUser({ ...from, permission }) : run.revokeGroup({ ...from, permission }))
    },
  }
}

/** Whether it is there: because it was written now, or before. */
async function isGiven({ errors }: Dialect, write: Promise<QueryResult<unknown>>): Promise<boolean> {
  try {
    return (await write).numAffectedRows === 1n
  } catch (error) {
    if (errors.isDuplicate(error as DriverError)) return true
    throw error
  }
}

function toGroups(rows: readonly { name: unknown; permission: unknown }[]): Group[] {
  const groups = new Map<string, string[]>()
  for (const { name, permission } of rows) {
    const permissions = groups.get(String(name)) ?? []
    if (permission !== null) permissions.push(String(permission))
    groups.set(String(name), permissions)
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.map(([name, permissions]) => ({ name, permissions: permissions.sort() }))
}

function statements(open: OpenUsers, tables: UserTables) {
  return {
    rights: open.ready(rightsQuery(open, tables)),
    ...groupStatements(open, tables),
    ...memberStatements(open, tables),
    ...grantStatements(open, tables),
  }
}

function groupStatements({ db, ready }: OpenUsers, { group, groupPermission }: UserTables) {
  const groups = db
    .selectFrom(group)
    .leftJoin(groupPermission, `${groupPermission}.group_id`, `${group}.id`)
    .select([`${group}.name`, `${groupPermission}.permission`])
  return {
    createGroup: ready(db.insertInto(group).values({ id: param('id'), name: param('name') })),
    deleteGroup: ready(db.deleteFrom(group).where('name', '=', param('name'))),
    groups: ready(groups),
  }
}

/** What is given is written by `insert … select`: in one step with the look whether there is such a user and such a group. */
function memberStatements({ db, ready }: OpenUsers, { user, group, userGroup }: UserTables) {
  const member = db
    .selectFrom([user, group])
    .select([`${user}.id as user_id`, `${group}.id as group_id`])
    .where(`${user}.id`, '=', param('id'))
    .where(`${group}.name`, '=', param('group'))
  const idOf = db.selectFrom(group).select('id').where('name', '=', param('group'))
  return {
    join: ready(db.insertInto(userGroup).columns(['user_id', 'group_id']).expression(member)),
    leave: ready(db.deleteFrom(userGroup).where('user_id', '=', param('id')).where('group_id', 'in', idOf)),
  }
}

function grantStatements({ db, ready }: OpenUsers, { user, group, userPermission, groupPermission }: UserTables) {
  const permission = sql<string>`${param('permission')}`.as('permission')
  const ofUser = db.selectFrom(user).select(['id', permission]).where('id', '=', param('user'))
  const ofGroup = db.selectFrom(group).select(['id', permission]).where('name', '=', param('group'))
  const idOf = db.selectFrom(group).select('id').where('name', '=', param('group'))
  const fromUser = db.deleteFrom(userPermission).where('user_id', '=', param('user'))
  const fromGroup = db.deleteFrom(groupPermission).where('group_id', 'in', idOf)
  return {
    grantUser: ready(db.insertInto(userPermission).columns(['user_id', 'permission']).expression(ofUser)),
    grantGroup: ready(db.insertInto(groupPermission).columns(['group_id', 'permission']).expression(ofGroup)),
    revokeUser: ready(fromUser.where('permission', '=', param('permission'))),
    revokeGroup: ready(fromGroup.where('permission', '=', param('permission'))),
  }
}

/** Groups, own permissions and those of the groups, in one round trip. */
function rightsQuery({ db }: OpenUsers, { group, userGroup, userPermission, groupPermission }: UserTables) {
  const kind = (name: 'group' | 'permission') => sql<string>`${sql.lit(name)}`.as('kind')
  const groups = db
    .selectFrom(userGroup)
    .innerJoin(group, `${group}.id`, `${userGroup}.group_id`)
    .select([kind('group'), `${group}.name as name`])
    .where(`${userGroup}.user_id`, '=', param('id'))
  const own = db
    .selectFrom(userPermission)
    .select([kind('permission'), 'permission as name'])
    .where('user_id', '=', param('id'))
  const through = db
    .selectFrom(userGroup)
    .innerJoin(groupPermission, `${groupPermission}.group_id`, `${userGroup}.group_id`)
    .select([kind('permission'), `${groupPermission}.permission as name`])
    .where(`${userGroup}.user_id`, '=', param('id'))
  return groups.unionAll(own).unionAll(through)
}
