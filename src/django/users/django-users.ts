import { type QueryResult, type RawBuilder, sql } from 'kysely'
import type { UserRecord } from '../../auth/users/user.ts'
import type { Rights, UserStore } from '../../auth/users/user-store.ts'
import { KeepsakeError } from '../../errors.ts'
import type { DriverError } from '../../stores/database/dialect.ts'
import type { DatabaseHandle } from '../../stores/database/open-database.ts'
import { type OpenTables, openTables } from './open-tables.ts'
import { fromColumn, toParameter, type UserColumn, userColumns } from './user-columns.ts'
import { deleteUser, rightsOf } from './user-links.ts'

/** Options of `djangoUsers`. */
export interface DjangoUsersOptions {
  /** The table of `AUTH_USER_MODEL`, which has the columns of `AbstractUser` and a numeric id. @default 'auth_user' */
  readonly table?: string
  /**
   * A column of whole numbers, of 8 bytes, that your user model has beside: the moment before which all sessions of the user are
   * void, in ms since 1970. Django's own has none. @default none
   */
  readonly validFromColumn?: string
}

type Row = Readonly<Record<string, unknown>>

/**
 * The accounts of a Django site, for `createUsers` and `djangoUser`: the tables `auth_user`, `auth_group`,
 * `auth_permission` and those between them, which are Django's to make. Permissions are called as in Django, `blog.add_post`.
 *
 * Django has no place for `sessionsValidFrom`: it is 0 for everybody, and to change nothing else is refused. A new password and
 * a user who is not active any more end sessions all the same, on both sides.
 *
 * @example
 * const users = createUsers({ store: djangoUsers(pool), passwords: createPasswords({ hasher: djangoPbkdf2() }) })
 */
export function djangoUsers(database: DatabaseHandle, options: DjangoUsersOptions = {}): UserStore {
  return new DjangoUsers(openTables(database, options), options.validFromColumn)
}

class DjangoUsers implements UserStore {
  readonly #tables: OpenTables
  readonly #columns: readonly UserColumn[]
  readonly #validFrom: string | undefined

  constructor(tables: OpenTables, validFrom: string | undefined) {
    this.#tables = tables
    this.#validFrom = validFrom
    const own: UserColumn[] = validFrom ? [{ name: 'sessionsValidFrom', column: validFrom, type: 'number' }] : []
    this.#columns = [...userColumns, ...own]
  }

  async find(by: Parameters<UserStore['find']>[0]): Promise<UserRecord | null> {
    if ('id' in by) return (await this.#where(this.#isId(by.id)))[0] ?? null
    const [column, text] = 'username' in by ? ['username', by.username] : ['email', by.email]
    const [record, another] = await this.#where(this.#tables.isText(column, text))
    return record && !another ? record : null
  }

  async create(values: Parameters<UserStore['create']>[0]): Promise<string | null> {
    const row = this.#toRow({ ...values, sessionsValidFrom: values.sessionsValidFrom ?? 0 })
    const names = sql.join(row.map(([{ column }]) => sql.ref(column)))
    const places = sql.join(row.map(([column, value]) => this.#tables.toColumn(column, value)))
    const done = await this.#unlessTaken(
      sql`insert into ${this.#tables.user} (${names}) values (${places})`,
      values.username,
    )
    if (done === 'taken') return null
    return (await this.find({ username: values.username }))?.id ?? null
  }

  async update(
    id: string,
    changes: Parameters<UserStore['update']>[1],
    { ifPassword }: { readonly ifPassword?: string | undefined } = {},
  ): Promise<'updated' | 'absent' | 'username-taken'> {
    const isUser = this.#isId(id)
    const isThis = ifPassword === undefined ? isUser : sql`${isUser} and ${this.#tables.isText('password', ifPassword)}`
    const set = this.#toRow(changes).map(([column, value]) => this.#assignment(column, value))
    if (set.length === 0) throw this.#nowhere()
    const done = await this.#unlessTaken(
      sql`update ${this.#tables.user} set ${sql.join(set)} where ${isThis}`,
      changes.username,
    )
    if (done === 'taken') return 'username-taken'
    // A server may be set to count only rows that differ afterwards.
    return done.numAffectedRows || (await this.#where(isThis)).length > 0 ? 'updated' : 'absent'
  }

  delete(id: string): Promise<boolean> {
    return deleteUser(this.#tables, id)
  }

  list({ after = '0', limit }: { readonly after?: string | undefined; readonly limit: number }): Promise<UserRecord[]> {
    return this.#where(sql`id > ${this.#tables.toId(after)} order by id limit ${sql.lit(limit)}`)
  }

  rightsOf(id: string): Promise<Rights> {
    return rightsOf(this.#tables, id)
  }

  async #where(condition: RawBuilder<unknown>): Promise<UserRecord[]> {
    const columns = sql.join(this.#columns.map(column => this.#tables.fromColumn(column)))
    const { rows } = await this.#tables.run(
      sql<Row>`select id, ${columns} from ${this.#tables.user} where ${condition}`,
    )
    return rows.map(row => {
      const fields = this.#columns.map(column => [column.name, fromColumn(column, row[column.column])])
      return { sessionsValidFrom: 0, ...Object.fromEntries(fields), id: String(row.id) }
    })
  }

  #isId(id: string): RawBuilder<unknown> {
    return sql`id = ${this.#tables.toId(id)}`
  }

  #toRow(values: object): (readonly [UserColumn, string | number | null])[] {
    const given = Object.entries(values).filter(([name, value]) => {
      return value !== undefined && (name !== 'sessionsValidFrom' || this.#validFrom !== undefined)
    })
    return given.map(([name, value]) => {
      const column = this.#columns.find(known => known.name === name)
      if (!column) throw new KeepsakeError('OPTION_INVALID', `djangoUsers: ${name} is no field of Django's users`)
      return [column, toParameter(column, value)]
    })
  }

  /** In the one statement, so that of two changes at the same time the later epoch stays. */
  #assignment(column: UserColumn, value: string | number | null): RawBuilder<unknown> {
    const [name, given] = [sql.ref(column.column), this.#tables.toColumn(column, value)]
    if (column.name !== 'sessionsValidFrom') return sql`${name} = ${given}`
    return sql`${name} = case when ${name} > ${given} then ${name} else ${given} end`
  }

  async #unlessTaken(query: RawBuilder<unknown>, username = ''): Promise<QueryResult<unknown> | 'taken'> {
    try {
      return await this.#tables.run(query)
    } catch (error) {
      if (!this.#tables.dialect.errors.isDuplicate(error as DriverError)) throw error
      // By the database's own notion of what is the same, which is what refused it.
      const { rows } = await this.#tables.run(sql`select id from ${this.#tables.user} where username = ${username}`)
      if (rows.length === 0) throw error
      return 'taken'
    }
  }

  #nowhere(): KeepsakeError {
    return new KeepsakeError(
      'OPTION_INVALID',
      "djangoUsers: Django's users have no place for sessionsValidFrom, so their sessions do not end by it; add a column of 8-byte numbers to your user model and name it as validFromColumn",
    )
  }
}
