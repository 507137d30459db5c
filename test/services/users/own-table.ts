import type { Pool } from 'pg'
import type { UserRecord } from '../../../src/auth/users/user.ts'
import type { UserStore } from '../../../src/auth/users/user-store.ts'

/** Our columns, by the names that Keepsake has for what is in them. */
const columns: Readonly<Record<keyof UserRecord, string>> = {
  ...{ id: 'id', username: 'login', email: 'mail', firstName: 'given_name', lastName: 'family_name' },
  ...{ isActive: 'active', isStaff: 'staff', isSuperuser: 'admin', joinedAt: 'created_at', lastLoginAt: 'seen_at' },
  ...{ password: 'password_hash', sessionsValidFrom: 'sessions_valid_from' },
}
const select = `select ${Object.entries(columns).map(([name, column]) => `${column} as "${name}"`)} from account`

/** The columns to be written, each with its value. */
const given = (values: object) =>
  Object.entries(values).flatMap(([name, value]) => {
    const column = Object.hasOwn(columns, name) ? columns[name as keyof UserRecord] : undefined
    return column && value !== undefined ? [{ column, value: value as unknown }] : []
  })

const isId = (id: string) => /^[1-9]\d{0,17}$/.test(id)

export function ourUsers(pool: Pool): UserStore {
  const records = async (rest: string, values: unknown[]): Promise<UserRecord[]> => {
    const { rows } = await pool.query(`${select} ${rest}`, values)
    return rows.map(row => ({ ...row, id: String(row.id), sessionsValidFrom: Number(row.sessionsValidFrom) }))
  }
  return {
    async find(by) {
      if ('id' in by && !isId(by.id)) return null
      const [{ column, value } = { column: 'id', value: null }] = given(by)
      const [record, another] = await records(`where ${column} = $1 limit 2`, [value])
      return record && !another ? record : null
    },
    async create(values) {
      const row = given(values)
      const places = row.map((_, n) => `$${n + 1}`)
      const insert = `insert into account (${row.map(({ column }) => column)}) values (${places})`
      const { rows } = await pool.query(
        `${insert} on conflict (login) do nothing returning id`,
        row.map(({ value }) => value),
      )
      return rows[0] ? String(rows[0].id) : null
    },
    async update(id, changes, { ifPassword = null } = {}) {
      if (!isId(id)) return 'absent'
      const row = given(changes)
      const set = row.map(({ column }, n) =>
        column === 'sessions_valid_from' ? `${column} = greatest(${column}, $${n + 3})` : `${column} = $${n + 3}`,
      )
      const where = 'where id = $1 and ($2::text is null or password_hash = $2)'
      try {
        const values = [id, ifPassword, ...row.map(({ value }) => value)]
        const { rowCount } = await pool.query(`update account set ${set} ${where}`, values)
        return rowCount === 1 ? 'updated' : 'absent'
      } catch (error) {
        if ((error as { constraint?: string }).constraint === 'account_login_key') return 'username-taken'
        throw error
      }
    },
    async delete(id) {
      return isId(id) && (await pool.query('delete from account where id = $1', [id])).rowCount === 1
    },
    list: ({ after = '0', limit }) => records('where id > $1 order by id limit $2', [after, limit]),
    rightsOf: async () => ({ groups: [], permissions: [] }),
  }
}
