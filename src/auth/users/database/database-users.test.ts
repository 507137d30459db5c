import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { isKeepsakeError } from '../../../errors.ts'
import { openDatabase } from '../../../stores/database/open-database.ts'
import { describeUserStore } from '../../../testing/describe-user-store.ts'
import { createUser, findUser, newUser } from '../../../testing/user-store-contract/samples.ts'
import { type DatabaseUsersOptions, databaseUsers } from './database-users.ts'

async function migrated(database: DatabaseSync = new DatabaseSync(':memory:')) {
  const store = databaseUsers(database)
  await store.migrate()
  return store
}

const shared = await migrated()
describeUserStore('databaseUsers on SQLite', () => shared, { describe, it, groups: true })

describe('own fields', () => {
  const fields = { phone: 'text', points: 'number', newsletter: 'boolean', verifiedAt: 'date' } as const

  it('are kept, typed, and null where nothing was said', async () => {
    const store = databaseUsers(new DatabaseSync(':memory:'), { fields })
    await store.migrate()
    const own = { phone: '+44 20', points: 1.5, newsletter: false, verifiedAt: new Date(1_767_225_600_123) }
    const full = await store.create({ ...newUser(), ...own })
    const bare = await store.create({ ...newUser(), points: 0 })
    expect(await store.find({ id: full ?? '' })).toMatchObject(own)
    const nothing = { phone: null, points: 0, newsletter: null, verifiedAt: null }
    expect(await store.find({ id: bare ?? '' })).toMatchObject(nothing)
    await store.update(full ?? '', { phone: null, newsletter: true })
    const changed = await store.find({ id: full ?? '' })
    expect(changed).toMatchObject({ ...own, phone: null, newsletter: true })
    const points: number | null | undefined = changed?.points
    expect(points).toBe(1.5)
  })

  it('may come later: who was there before has no value', async () => {
    const database = new DatabaseSync(':memory:')
    const id = await createUser(await migrated(database))
    const later = databaseUsers(database, { fields: { phoneNumber: 'text' } })
    await expect(later.find({ id })).rejects.toThrow(/TABLE_MISSING.*await users\.migrate\(\)/)
    await later.migrate()
    expect(await later.find({ id })).toMatchObject({ id, phoneNumber: null })
    await (await migrated(database)).update(id, { firstName: 'Augusta' })
    expect(await later.find({ id })).toMatchObject({ firstName: 'Augusta' })
  })

  it('that the store was not told of are refused, and so are values of another type', async () => {
    const store = databaseUsers(new DatabaseSync(':memory:'), { fields })
    await store.migrate()
    const wrong: object[] = [
      { credits: 1000 },
      { phone: 7 },
      { phone: { $ne: '' } },
      { points: '7' },
      { points: Number.NaN },
      { newsletter: 'on' },
      { verifiedAt: '2026-01-01' },
      { verifiedAt: new Date(Number.NaN) },
      { isStaff: 'true' },
    ]
    for (const values of wrong) {
      const user = { ...newUser(), ...values }
      await expect(store.create(user)).rejects.toThrow(/OPTION_INVALID.*field/)
      expect(await store.find({ username: user.username })).toBeNull()
    }
  })

  it.each([
    ['isStaff', /every user has/],
    ['id', /every user has/],
    ['sessionsValidFrom', /every user has/],
    ['phone_number', /word like phoneNumber/],
    ['x'.repeat(31), /30 characters/],
    ['phone; drop table', /word like/],
  ])('cannot be called %s', (name, message) => {
    expect(() => databaseUsers(new DatabaseSync(':memory:'), { fields: { [name]: 'text' } })).toThrow(message)
  })

  it('cannot be of a type that there is not', () => {
    const options = { fields: { phone: 'string' } } as object as DatabaseUsersOptions<{ phone: 'text' }>
    expect(() => databaseUsers(new DatabaseSync(':memory:'), options)).toThrow(/"string", not one of text, number/)
  })

  it('may be unique by an index of yours: its error is not taken for a taken username', async () => {
    const database = new DatabaseSync(':memory:')
    const store = databaseUsers(database, { fields: { phone: 'text' } })
    await store.migrate()
    database.exec('create unique index my_phone on keepsake_user (phone)')
    await store.create({ ...newUser(), phone: '1' })
    await expect(store.create({ ...newUser(), phone: '1' })).rejects.toThrow(/UNIQUE/)
    const other = await store.create(newUser())
    await expect(store.update(other ?? '', { phone: '1' })).rejects.toThrow(/UNIQUE/)
    const { username = '' } = (await store.find({ id: other ?? '' })) ?? {}
    await expect(store.update(other ?? '', { username, phone: '1' })).rejects.toThrow(/UNIQUE/)
  })
})

describe('the tables', () => {
  it('have the prefix of your choice, and two prefixes are two sites', async () => {
    const database = new DatabaseSync(':memory:')
    const [here, there] = [databaseUsers(database), databaseUsers(database, { prefix: 'shop_' })]
    await here.migrate()
    await there.migrate()
    const values = newUser()
    const id = await createUser(here, values)
    expect(await there.find({ id })).toBeNull()
    expect(await there.create(values)).not.toBeNull()
    const names = database.prepare("select name from sqlite_master where type = 'table' and name like 'shop_%'").all()
    expect(names.map(({ name }) => name).sort()).toEqual([
      'shop_group',
      'shop_group_permission',
      'shop_user',
      'shop_user_group',
      'shop_user_permission',
    ])
  })

  it.each(['', 'my-', 'app.', '1st_', 'x'.repeat(21), 'a"; drop table'])('refuse the prefix %j', prefix => {
    expect(() => databaseUsers(new DatabaseSync(':memory:'), { prefix })).toThrow(/OPTION_INVALID.*prefix/)
  })

  it('are left alone if they are not ours', async () => {
    const database = new DatabaseSync(':memory:')
    database.exec('create table keepsake_user (id integer primary key, username text)')
    const problem = await databaseUsers(database)
      .migrate()
      .catch((error: unknown) => error)
    expect(isKeepsakeError(problem, 'OPTION_INVALID')).toBe(true)
    expect(String(problem)).toContain("databaseUsers(database, { prefix: 'site_' })")
    expect(database.prepare('pragma table_info(keepsake_user)').all()).toHaveLength(2)
  })

  it('are made by migrate() once, from several processes too, and a second start changes nothing', async () => {
    const database = new DatabaseSync(':memory:')
    const stores = [databaseUsers(database), databaseUsers(database), databaseUsers(database)]
    await Promise.all(stores.map(store => store.migrate()))
    const id = await createUser(shared)
    await shared.migrate()
    expect((await findUser(shared, id)).id).toBe(id)
  })

  it('were not made: every call says so, with status 503', async () => {
    const store = databaseUsers(new DatabaseSync(':memory:'))
    const calls = [
      store.find({ id: 'x' }),
      store.create(newUser()),
      store.update('x', { firstName: 'Ada' }),
      store.delete('x'),
      store.list({ limit: 1 }),
      store.rightsOf('x'),
      store.createGroup('editors'),
      store.deleteGroup('editors'),
      store.listGroups(),
      store.addToGroup('x', 'editors'),
      store.removeFromGroup('x', 'editors'),
      store.grant({ user: 'x' }, 'blog.publish'),
      store.revoke({ group: 'editors' }, 'blog.publish'),
    ]
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'TABLE_MISSING', status: 503 } })
    }
  })

  it('are searched by an index: a user by id, username and e-mail address, and their rights', async () => {
    const database = new DatabaseSync(':memory:')
    const store = await migrated(database)
    const plans = plansOf(database)
    await store.find({ id: 'x' })
    await store.find({ username: 'x' })
    await store.find({ email: 'x' })
    await store.update('x', { firstName: 'Ada' })
    await store.delete('x')
    await store.rightsOf('x')
    await store.list({ after: 'x', limit: 10 })
    await store.addToGroup('x', 'editors')
    const looks = plans.filter(plan => /^(SEARCH|SCAN)/.test(plan))
    expect(looks.length).toBeGreaterThanOrEqual(12)
    expect(looks.filter(look => !/^SEARCH \w+ USING (COVERING )?INDEX/.test(look))).toEqual([])
    expect(looks).toContain('SEARCH keepsake_user USING INDEX keepsake_user_username (username=?)')
    expect(looks).toContain('SEARCH keepsake_user USING INDEX keepsake_user_email (email=?)')
    expect(plans.filter(plan => plan.includes('TEMP B-TREE'))).toEqual([])
  })

  it('keep rights harmless where foreign keys are not enforced', async () => {
    const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: false })
    const store = await migrated(database)
    const id = await createUser(store)
    await store.createGroup('editors')
    await store.addToGroup(id, 'editors')
    await store.grant({ group: 'editors' }, 'blog.publish')
    await store.deleteGroup('editors')
    await store.createGroup('editors')
    expect((await store.rightsOf(id)).groups).toEqual([])
  })
})

it('databaseUsers refuses what is no database, in its own name', () => {
  expect(() => databaseUsers(new URL('postgres://localhost') as never)).toThrow(
    /OPTION_INVALID.*databaseUsers: its first/,
  )
})

it('has the columns that docs/users.md names', async () => {
  const database = new DatabaseSync(':memory:')
  await migrated(database)
  const tables = await openDatabase(database).database.db.introspection.getTables()
  const user = tables.find(({ name }) => name === 'keepsake_user')
  expect(user?.columns.map(({ name }) => name)).toEqual([
    ...['id', 'username', 'email', 'first_name', 'last_name', 'password'],
    ...['is_active', 'is_staff', 'is_superuser', 'joined_at', 'last_login_at', 'sessions_valid_from'],
  ])
})

/** How SQLite plans each statement that is run from now on: the lines of EXPLAIN QUERY PLAN. */
function plansOf(database: DatabaseSync): string[] {
  const plans: string[] = []
  const prepare = database.prepare.bind(database)
  database.prepare = sql => {
    for (const { detail } of prepare(`EXPLAIN QUERY PLAN ${sql}`).all()) plans.push(`${detail}`)
    return prepare(sql)
  }
  return plans
}
