import { type InsertObject, type QueryResult, sql, type UpdateObject } from 'kysely'
import type { Dialect, DriverError } from '../../../stores/database/dialect.ts'
import { param } from '../../../stores/database/statement.ts'
import type { UserRecord } from '../user.ts'
import { newUserId } from '../user-id.ts'
import type { UserStore } from '../user-store.ts'
import { type Column, columnOf, fromColumn, toColumn } from './columns.ts'
import type { OpenUsers } from './open-users.ts'
import type { UserDatabase, UserTables } from './tables.ts'

type Row = Readonly<Record<string, unknown>>

/** The part of a `UserStore` that is about the rows of users. */
export function userRows<Own extends object>(open: OpenUsers, tables: UserTables): Omit<UserStore<Own>, 'rightsOf'> {
  const { run, dialect } = open
  const rows = statements(open, tables)
  const record = (row: Row): UserRecord<Own> => fromRow(tables.columns, row) as unknown as UserRecord<Own>
  const unlessTaken = takenInstead(dialect, username => rows.byUsername({ username }))

  return {
    async find(by): Promise<UserRecord<Own> | null> {
      const found = 'id' in by ? rows.byId(by) : 'username' in by ? rows.byUsername(by) : rows.byEmail(by)
      const [row, another] = (await found).rows
      return row && !another ? record(row) : null
    },

    async create(values): Promise<string | null> {
      const id = newUserId(values.joinedAt)
      const row = { ...emptyRow(tables.columns), ...toRow(tables.columns, { ...values, id }) }
      return (await unlessTaken(rows.create(row), id, values.username)) === 'taken' ? null : id
    },

    async update(id, changes, { ifPassword } = {}): Promise<'updated' | 'absent' | 'username-taken'> {
      const query = updateQuery(open, tables, { id, changes: toRow(tables.columns, changes), ifPassword })
      const result = query && (await unlessTaken(run(query), id, changes.username))
      if (result === 'taken') return 'username-taken'
      if (result?.numAffectedRows) return 'updated'
      // A server may be set to count only rows that differ afterwards.
      const [row] = (await rows.byId({ id })).rows
      return row && (ifPassword === undefined || record(row).password === ifPassword) ? 'updated' : 'absent'
    },

    async delete(id): Promise<boolean> {
      return (await rows.delete({ id })).numAffectedRows === 1n
    },

    async list({ after = '', limit }): Promise<UserRecord<Own>[]> {
      return (await run(rows.list(after, limit))).rows.map(record)
    },
  }
}

/** 'taken' if another user has the username. A write may be refused for another reason: an index of the program's is unique too. */
function takenInstead({ errors }: Dialect, find: (username: string) => Promise<QueryResult<Row>>) {
  return async <T>(write: Promise<T>, id: string, username = ''): Promise<T | 'taken'> => {
    try {
      return await write
    } catch (error) {
      if (!errors.isDuplicate(error as DriverError)) throw error
      const [holder] = (await find(username)).rows
      if (!holder || String(holder.id) === id) throw error
      return 'taken'
    }
  }
}

function statements({ db, ready }: OpenUsers, { user, columns }: UserTables) {
  const all = columns.map(({ column }) => column)
  const found = db.selectFrom(user).select(all.map(column => db.dynamic.ref(column)))
  const values = Object.fromEntries(all.map(column => [column, param(column)])) as unknown
  return {
    byId: ready<Row>(found.where('id', '=', param('id'))),
    byUsername: ready<Row>(found.where('username', '=', param('username'))),
    // The second one is enough to see that there are several.
    byEmail: ready<Row>(found.where('email', '=', param('email')).limit(sql.lit(2))),
    create: ready(db.insertInto(user).values(values as InsertObject<UserDatabase, 'keepsake_user'>)),
    delete: ready(db.deleteFrom(user).where('id', '=', param('id'))),
    // MySQL takes no parameter for the limit.
    list: (after: string, limit: number) => found.where('id', '>', after).orderBy('id').limit(sql.lit(limit)),
  }
}

interface Update {
  readonly id: string
  readonly changes: Row
  readonly ifPassword: string | undefined
}

/** Null for no changes. */
function updateQuery({ db }: OpenUsers, { user }: UserTables, { id, changes, ifPassword }: Update) {
  if (Object.keys(changes).length === 0) return null
  const { sessions_valid_from: from, ...values } = changes
  const later = from === undefined ? {} : { sessions_valid_from: greater(Number(from)) }
  const set = { ...values, ...later } as UpdateObject<UserDatabase, 'keepsake_user'>
  const query = db.updateTable(user).set(set).where('id', '=', id)
  return ifPassword === undefined ? query : query.where('password', '=', ifPassword)
}

/** In the one statement, so that of two changes at the same time the later epoch stays. */
function greater(from: number) {
  return sql<number>`case when sessions_valid_from > ${from} then sessions_valid_from else ${from} end`
}

function toRow(columns: readonly Column[], values: object): Row {
  const known = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    known.map(([name, value]) => {
      const column = columnOf(columns, name)
      return [column.column, toColumn(column, value)]
    }),
  )
}

function emptyRow(columns: readonly Column[]): Row {
  return Object.fromEntries(columns.map(({ column }) => [column, null]))
}

function fromRow(columns: readonly Column[], row: Row): object {
  return Object.fromEntries(columns.map(column => [column.name, fromColumn(column, row[column.column])]))
}
