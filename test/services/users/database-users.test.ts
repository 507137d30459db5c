import { type CompiledQuery, Kysely } from 'kysely'
import mysql from 'mysql2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseUsers } from '../../../src/auth/users/database/database-users.ts'
import { createUser, findUser, newHash, newUser } from '../../../src/testing/user-store-contract/samples.ts'
import { describeOnServers, type SqlDatabase } from '../database/sql-database.ts'

const fields = { phone: 'text', points: 'number', newsletter: 'boolean', verifiedAt: 'date' } as const

describeOnServers(database => {
  describe('own fields', () => {
    const own = { phone: '+44 20 😀', points: -1.25, newsletter: true, verifiedAt: new Date(1_767_225_600_123) }

    it('are kept, and null for who was there before them', async () => {
      const { handle } = database.pool()
      const before = databaseUsers(handle, { prefix: 'own_' })
      await before.migrate()
      const early = await createUser(before)
      const store = databaseUsers(handle, { prefix: 'own_', fields })
      await store.migrate()
      const nothing = { phone: null, points: null, newsletter: null, verifiedAt: null }
      expect(await store.find({ id: early })).toMatchObject(nothing)
      const id = (await store.create({ ...newUser(), ...own })) ?? ''
      expect(await store.find({ id })).toMatchObject(own)
      await store.update(id, { newsletter: false, points: 1e300, verifiedAt: null })
      expect(await store.find({ id })).toMatchObject({ ...own, newsletter: false, points: 1e300, verifiedAt: null })
    })
  })

  describe('migrate()', () => {
    it('makes one set of tables, when several processes start at the same time', async () => {
      const options = { prefix: 'many_', fields }
      const stores = Array.from({ length: 4 }, () => databaseUsers(database.pool().handle, options))
      await Promise.all(stores.map(store => store.migrate()))
      const [first = expect.fail(), ...others] = stores
      const id = await createUser(first)
      for (const store of others) expect((await findUser(store, id)).id).toBe(id)
    })

    it('finishes what was interrupted', async () => {
      const { handle } = database.pool()
      const store = databaseUsers(handle, { prefix: 'half_' })
      await store.migrate()
      const dropIndex =
        database.kind === 'postgres' ? 'drop index half_user_email' : 'drop index half_user_email on half_user'
      await database.query(dropIndex)
      await database.query('drop table half_group_permission')
      await database.query('delete from keepsake_migration_half_user')
      await store.migrate()
      await store.createGroup('editors')
      expect(await store.grant({ group: 'editors' }, 'blog.publish')).toBe(true)
      const index = 'create index half_user_email on half_user (email)'
      await expect(database.query(index)).rejects.toThrow(/already exists|Duplicate key name/)
    })

    it('leaves a table alone that is not ours', async () => {
      await database.query('create table taken_user (id integer primary key)')
      const store = databaseUsers(database.pool().handle, { prefix: 'taken_' })
      await expect(store.migrate()).rejects.toThrow(/OPTION_INVALID.*taken_user.*prefix/)
    })

    it('was not run: the error says so', async () => {
      const store = databaseUsers(database.pool().handle, { prefix: 'never_' })
      const calls = [store.find({ id: 'x' }), store.create(newUser()), store.rightsOf('x'), store.listGroups()]
      for (const outcome of await Promise.allSettled(calls)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'TABLE_MISSING', status: 503 } })
      }
    })
  })

  describe('the rows', () => {
    it('go with their user and their group, by foreign keys', async () => {
      const store = databaseUsers(database.pool().handle, { prefix: 'keys_' })
      await store.migrate()
      const [gone, kept] = [await createUser(store), await createUser(store)]
      for (const group of ['editors', 'authors']) await store.createGroup(group)
      for (const id of [gone, kept]) {
        for (const group of ['editors', 'authors']) await store.addToGroup(id, group)
        await store.grant({ user: id }, 'blog.publish')
      }
      await store.grant({ group: 'authors' }, 'blog.write')
      await store.delete(gone)
      await store.deleteGroup('authors')
      const counts = ['user_group', 'user_permission', 'group_permission'].map(async table => {
        const rows = await database.query(`select * from keys_${table}`)
        return rows.length
      })
      expect(await Promise.all(counts)).toEqual([1, 1, 0])
    })

    it('may have another unique column, whose error is not taken for a taken username', async () => {
      const store = databaseUsers(database.pool().handle, { prefix: 'uniq_', fields: { points: 'number' } })
      await store.migrate()
      await database.query('create unique index uniq_points on uniq_user (points)')
      await store.create({ ...newUser(), points: 1 })
      await expect(store.create({ ...newUser(), points: 1 })).rejects.toThrow(/duplicate/i)
    })
  })

  describe('a change that the database undoes', () => {
    it('is tried again, and then fails with status 503', async () => {
      const store = databaseUsers(database.pool().handle, { prefix: 'busy_' })
      await store.migrate()
      const id = await createUser(store)
      for (const statement of undoingEveryUpdate(database)) await database.query(statement)
      await expect(store.update(id, { firstName: 'Eve' })).rejects.toMatchObject({ code: 'USER_CONFLICT', status: 503 })
      expect((await findUser(store, id)).firstName).toBe('Ada')
    })
  })

  describe('among 20,000 users', () => {
    const ran: CompiledQuery[] = []
    const kysely = new Kysely<unknown>({ dialect: database.dialect(), log: ({ query }) => void ran.push(query) })
    const store = databaseUsers(kysely, { prefix: 'big_' })
    let id: string

    beforeAll(async () => {
      await store.migrate()
      id = await createUser(store)
      await insertUsers(database, 20_000)
    })

    async function plansOf(call: () => Promise<unknown>): Promise<string[]> {
      ran.length = 0
      await call()
      const statements = ran.filter(({ sql }) => /^\s*(select|insert|update|delete)/.test(sql))
      return Promise.all(statements.map(query => explain(database, kysely, query)))
    }

    it('each call goes by an index', async () => {
      await store.createGroup('editors')
      const calls = {
        id: () => store.find({ id }),
        username: () => store.find({ username: 'user77' }),
        email: () => store.find({ email: 'user77@example.com' }),
        update: () => store.update(id, { sessionsValidFrom: 7 }, { ifPassword: newHash() }),
        list: () => store.list({ after: id, limit: 10 }),
        rights: () => store.rightsOf(id),
        addToGroup: () => store.addToGroup(id, 'editors'),
        grant: () => store.grant({ user: id }, 'blog.publish'),
        delete: () => store.delete('nobody'),
      }
      for (const [name, call] of Object.entries(calls)) {
        const plans = await plansOf(call)
        expect(plans.length).toBeGreaterThan(0)
        for (const plan of plans) expect([name, plan]).toEqual([name, expect.stringMatching(/^index /)])
      }
      expect((await plansOf(calls.username))[0]).toContain('big_user_username')
      expect((await plansOf(calls.email))[0]).toContain('big_user_email')
    })
  })

  if (database.kind === 'mariadb') {
    describe('a pool that counts only rows which differ afterwards', () => {
      let pool: mysql.Pool
      beforeAll(() => {
        pool = mysql.createPool({ ...database.address.connection, flags: ['-FOUND_ROWS'] })
      })
      afterAll(() => pool.promise().end())

      it("is not mistaken: a user who is as they were is not 'absent'", async () => {
        const store = databaseUsers(pool, { prefix: 'same_' })
        await store.migrate()
        const values = newUser()
        const id = await createUser(store, values)
        expect(await store.update(id, { firstName: values.firstName })).toBe('updated')
        const { password } = values
        expect(await store.update(id, { password }, { ifPassword: password })).toBe('updated')
        expect(await store.update(id, { password }, { ifPassword: newHash() })).toBe('absent')
      })
    })
  }
})

function undoingEveryUpdate({ kind }: SqlDatabase): string[] {
  if (kind === 'mariadb') {
    const signal = "signal sqlstate '40001' set mysql_errno = 1213, message_text = 'Deadlock found'"
    return [`create trigger busy before update on busy_user for each row ${signal}`]
  }
  const body = "begin raise exception 'could not serialize' using errcode = '40001'; end"
  return [
    `create function busy() returns trigger language plpgsql as $$ ${body} $$`,
    'create trigger busy before update on busy_user for each row execute function busy()',
  ]
}

async function insertUsers({ kind, query }: SqlDatabase, count: number): Promise<void> {
  const columns = ['id', 'username', 'email', 'first_name', 'last_name', 'password', 'is_active', 'is_staff']
  const insert = `insert into big_user (${columns}, is_superuser, joined_at, sessions_valid_from)`
  if (kind === 'postgres') {
    const texts = `'id' || n, 'user' || n, 'user' || n || '@example.com', 'Ada', 'King', repeat('x', 100)`
    await query(`${insert} select ${texts}, 1, 0, 0, n, 0 from generate_series(1, ${count}) n`)
    await query('analyze big_user')
  } else {
    const texts = `concat('id', n), concat('user', n), concat('user', n, '@example.com'), 'Ada', 'King', repeat('x', 100)`
    await query(`${insert} select ${texts}, 1, 0, 0, n, 0 from (select seq as n from seq_1_to_${count}) numbers`)
    await query('analyze table big_user')
  }
}

/** `index …` if the server answers this statement without reading the whole table of users, otherwise what it does. */
async function explain({ kind }: SqlDatabase, kysely: Kysely<unknown>, query: CompiledQuery): Promise<string> {
  const explained = `explain ${kind === 'postgres' ? '(format json) ' : ''}${query.sql}`
  const { rows } = await kysely.executeQuery<Record<string, unknown>>({ ...query, sql: explained })
  const text = JSON.stringify(rows)
  if (kind === 'postgres') return `${/"Seq Scan".*?"big_user"/.test(text) ? 'scan' : 'index'} ${text}`
  const users = rows.filter(({ table }) => table === 'big_user')
  const scans = users.some(({ type, key }) => key === null || type === 'ALL' || type === 'index')
  return `${scans ? 'scan' : 'index'} ${text}`
}
