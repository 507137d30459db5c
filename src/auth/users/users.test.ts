import { describe, expect, it, vi } from 'vitest'
import { argon2id } from '../passwords/formats/argon2.ts'
import { createPasswords } from '../passwords/passwords.ts'
import { createUsers } from './create-users.ts'
import { memoryUsers } from './memory-users.ts'
import { hasPermission, isInGroup } from './permissions.ts'
import type { User } from './user.ts'
import type { UserEvent, UserResult, Users } from './users.ts'

// The least that argon2 takes: nothing here depends on how hard a hash is.
const passwords = createPasswords({ hasher: argon2id({ memory: 7168, passes: 5 }) })
const password = 'correct horse battery staple'

function site(store = memoryUsers()) {
  let now = Date.UTC(2026, 0, 1)
  const events: UserEvent[] = []
  const users = createUsers({ store, passwords, now: () => now, onEvent: event => void events.push(event) })
  const record = async (id: string) => (await store.find({ id })) ?? expect.fail('no such user')
  return { users, store, events, record, later: (ms: number) => (now += ms), now: () => now }
}

function userOf<Own extends object>({ user, problems }: UserResult<Own>): User & Own {
  return user ?? expect.fail(JSON.stringify(problems))
}

async function codesOf(result: Promise<UserResult>): Promise<string[]> {
  const { user, problems } = await result
  expect(user === null).toBe(problems.length > 0)
  return problems.map(({ field, code }) => `${field} ${code}`)
}

async function ada(users: Users): Promise<User> {
  return userOf(await users.create({ username: 'ada', email: 'ada@example.com', password }))
}

// Named after the tests of Django's own suite (tests/auth_tests: test_basic, test_models, test_validators, test_auth_backends)
// whose behaviour they show, as far as a user without a request goes.
describe("Django's behaviour", () => {
  it('test_user: active, neither staff nor superuser, and the password fits', async () => {
    const { users, record } = site()
    const user = await ada(users)
    expect(user).toMatchObject({ username: 'ada', email: 'ada@example.com', firstName: '', lastName: '' })
    expect(user).toMatchObject({ isActive: true, isStaff: false, isSuperuser: false, lastLoginAt: null })
    const { password: hash } = await record(user.id)
    expect(hash).not.toContain(password)
    expect((await passwords.verify(password, hash)).valid).toBe(true)
    expect((await passwords.verify('bad', hash)).valid).toBe(false)
    expect(await users.hasUsablePassword(user.id)).toBe(true)
  })

  it('test_user, test_has_usable_password: an unusable password fits nothing, and a new one ends that', async () => {
    const { users, record } = site()
    const { id } = await ada(users)
    expect(await users.setUnusablePassword(id)).toBe(true)
    expect(await users.hasUsablePassword(id)).toBe(false)
    for (const guess of [password, '', '!', (await record(id)).password]) {
      expect((await passwords.verify(guess, (await record(id)).password)).valid).toBe(false)
    }
    userOf(await users.setPassword(id, password))
    expect(await users.hasUsablePassword(id)).toBe(true)
  })

  it('test_create_user: a password of null, or none, is unusable', async () => {
    const { users } = site()
    for (const values of [
      { username: 'a', password: null },
      { username: 'b' },
      { username: 'c', password: undefined },
    ]) {
      const user = userOf(await users.create(values))
      expect(await users.hasUsablePassword(user.id)).toBe(false)
    }
  })

  it('test_user_no_email', async () => {
    const { users } = site()
    expect(userOf(await users.create({ username: 'ada' })).email).toBe('')
    expect(userOf(await users.create({ username: 'bob', email: undefined })).email).toBe('')
  })

  it('test_superuser, test_superuser_no_email_or_password: active, staff and superuser', async () => {
    const { users } = site()
    const root = userOf(await users.createSuperuser({ username: 'root', isStaff: true, isSuperuser: true }))
    expect(root).toMatchObject({ isActive: true, isStaff: true, isSuperuser: true, email: '' })
    expect(await users.hasUsablePassword(root.id)).toBe(false)
  })

  it('test_create_super_user_raises_error_on_false_is_superuser, …_is_staff', async () => {
    const { users } = site()
    for (const name of ['isStaff', 'isSuperuser']) {
      const made = users.createSuperuser({ username: 'root', password, [name]: false })
      await expect(made).rejects.toThrow(new RegExp(`OPTION_INVALID.*${name} is false; it must be true`))
    }
    expect(await users.find({ username: 'root' })).toBeNull()
  })

  it('test_create_user_is_staff: by a verb of its own, since create() takes what a form sends', async () => {
    const { users, record } = site()
    const { id } = userOf(await users.create({ username: 'ada', ...{ isStaff: true, isSuperuser: true } }))
    expect(await record(id)).toMatchObject({ isStaff: false, isSuperuser: false })
    expect(await users.setStanding(id, { isStaff: true })).toBe(true)
    expect(await users.setStanding(id, {})).toBe(true)
    expect(await users.setStanding('nobody', {})).toBe(false)
    expect(await record(id)).toMatchObject({ isStaff: true, isSuperuser: false })
  })

  it('test_empty_username: refused, as a problem and not as an error', async () => {
    const { users } = site()
    expect(await codesOf(users.create({ username: '' }))).toEqual(['username empty'])
    expect(await codesOf(users.create({} as { username: string }))).toEqual(['username empty'])
  })

  it.each([
    // test_create_user_email_domain_normalize_rfc3696: refused by us only if it has a blank.
    ['Abc\\@DEF@EXAMPLE.com', 'Abc\\@DEF@example.com'],
    // test_create_user_email_domain_normalize
    ['normal@DOMAIN.COM', 'normal@domain.com'],
    ['  Ada@EXAMPLE.com\t', 'Ada@example.com'],
  ])('normalize_email: %s', async (email, kept) => {
    const { users } = site()
    const { id } = userOf(await users.create({ username: 'ada', email }))
    expect((await users.find({ email: kept }))?.id).toBe(id)
    expect((await users.find({ email }))?.email).toBe(kept)
  })

  it('test_clean_normalize_username, test_unicode_username: what looks the same is the same', async () => {
    const { users } = site()
    for (const username of ['jörg', 'Григорий'])
      expect(userOf(await users.create({ username })).username).toBe(username)
    const ohm = userOf(await users.create({ username: 'iamthe\u2126' }))
    expect(ohm.username).toBe('iamthe\u03a9')
    expect(await codesOf(users.create({ username: 'iamthe\u03a9' }))).toEqual(['username taken'])
    expect((await users.find({ username: 'iamthe\u2126' }))?.id).toBe(ohm.id)
    expect(userOf(await users.update(ohm.id, { username: 'ＡＤＡ' })).username).toBe('ADA')
  })

  it.each(['joe', 'René', 'ᴮᴵᴳᴮᴵᴿᴰ', 'أحمد', 'a.b@c+d-e_f', '9', 'x'.repeat(150), '𐐀'.repeat(150)])(
    'test_unicode_validator takes %s',
    async username => {
      expect(userOf(await site().users.create({ username })).username).toBe(username.normalize('NFKC'))
    },
  )

  it.each([
    "o'connell",
    'عبد ال',
    'zerowidth\u200bspace',
    'nonbreaking\u00a0space',
    'en\u2013dash',
    'trailingnewline\n',
    ' ada',
    'a\0da',
    '\ud800',
    'rtl\u202eada',
    'e\u0301\u0301',
    '<script>',
  ])('test_unicode_validator refuses %j', async username => {
    const { users } = site()
    expect(await codesOf(users.create({ username }))).toEqual(['username invalid'])
    expect(await users.find({ username })).toBeNull()
  })

  it('with_perm, has_perm: an active superuser has every permission, who is not active has none', async () => {
    const { users, store } = site()
    const root = userOf(await users.createSuperuser({ username: 'root' }))
    const user = await ada(users)
    await store.grant({ user: user.id }, 'blog.publish')
    const rights = await users.rightsOf(user.id)
    expect(hasPermission(root, await users.rightsOf(root.id), 'blog.publish')).toBe(true)
    expect(hasPermission({ ...root, isActive: false }, rights, 'blog.publish')).toBe(false)
    expect(hasPermission(user, rights, 'blog.publish')).toBe(true)
    expect(hasPermission(user, rights, 'blog.delete')).toBe(false)
    expect(hasPermission(user, rights, 'blog.Publish')).toBe(false)
    expect(hasPermission({ ...user, isActive: false }, rights, 'blog.publish')).toBe(false)
    expect(hasPermission(null, rights, 'blog.publish')).toBe(false)
  })

  it('has_perm: those of the groups count, and end with the group', async () => {
    const { users, store } = site()
    const user = await ada(users)
    await store.createGroup('editors')
    await store.grant({ group: 'editors' }, 'blog.publish')
    await store.addToGroup(user.id, 'editors')
    const rights = await users.rightsOf(user.id)
    expect(rights).toEqual({ groups: ['editors'], permissions: ['blog.publish'] })
    expect(hasPermission(user, rights, 'blog.publish')).toBe(true)
    expect(isInGroup(user, rights, 'editors')).toBe(true)
    expect(isInGroup({ ...user, isActive: false }, rights, 'editors')).toBe(false)
    expect(isInGroup({ ...user, isSuperuser: true }, rights, 'authors')).toBe(false)
    await store.removeFromGroup(user.id, 'editors')
    expect(hasPermission(user, await users.rightsOf(user.id), 'blog.publish')).toBe(false)
  })
})

describe('a form', () => {
  it('gets everything that is wrong with it at once, and nothing is stored', async () => {
    const { users, events } = site()
    const form = {
      username: 'o brien',
      email: 'nobody',
      firstName: 'x'.repeat(151),
      lastName: 'a\nb',
      password: '12345678',
    }
    expect(await codesOf(users.create(form))).toEqual([
      'username invalid',
      'email invalid',
      'firstName too-long',
      'lastName invalid',
      ...['password too-common', 'password all-digits'],
    ])
    expect(await users.list()).toEqual([])
    expect(events).toEqual([])
  })

  it.each([
    '@example.com',
    'ada@',
    'ada lovelace@example.com',
    'ada@example.com\r\nBcc: all@example.com',
    'a\0@example.com',
    'ada@example.com, eve@example.com',
    'ada@\u200bexample.com',
    '\ud800@example.com',
  ])('with %j for an e-mail address is refused', async email => {
    const { users } = site()
    expect(await codesOf(users.create({ username: 'ada', email }))).toEqual(['email invalid'])
    expect(await users.find({ email })).toBeNull()
  })

  it('with a text of megabytes is refused before anything is done with it', async () => {
    const { users } = site()
    const long = '\ufdfa'.repeat(1_000_000)
    const codes = await codesOf(users.create({ username: long, email: long, firstName: long, lastName: long }))
    expect(codes).toEqual(['username too-long', 'email too-long', 'firstName too-long', 'lastName too-long'])
    expect(await codesOf(users.create({ username: '\ufdfa'.repeat(100) }))).toEqual(['username invalid'])
    expect(await codesOf(users.create({ username: 'x'.repeat(151) }))).toEqual(['username too-long'])
  })

  it('of a program without types, with anything in it, is refused and never throws', async () => {
    const { users } = site()
    for (const garbage of [null, 7, true, [], ['ada'], { $ne: '' }, Symbol.iterator]) {
      const values = { username: garbage, email: garbage, firstName: garbage, lastName: garbage }
      const codes = ['username invalid', 'email invalid', 'firstName invalid', 'lastName invalid']
      expect(await codesOf(users.create(values as never))).toEqual(codes)
      for (const by of [{ id: garbage }, { username: garbage }, { email: garbage }]) {
        expect(await users.find(by as never)).toBeNull()
      }
      expect(await users.delete(garbage as never)).toBe(false)
      expect(await users.rightsOf(garbage as never)).toEqual({ groups: [], permissions: [] })
      expect(await codesOf(users.setPassword(garbage as never, password))).toEqual(['id unknown'])
    }
    expect(await users.list()).toEqual([])
  })

  it('with a password that is no text makes no user whom no password, or any, lets in', async () => {
    const { users } = site()
    for (const garbage of [7, {}, []]) {
      expect(await codesOf(users.create({ username: 'ada', password: garbage as never }))).toEqual([
        'password not-text',
      ])
    }
    expect(await codesOf(users.create({ username: 'ada', password: '' }))).toContain('password too-short')
    expect(await users.list()).toEqual([])
  })

  it('cannot make its sender staff, active, older, or somebody else', async () => {
    const { users, record } = site()
    const { id } = await ada(users)
    const before = await record(id)
    const sent = { id: '1', isActive: false, isStaff: true, isSuperuser: true, password: 'x', joinedAt: new Date(0) }
    const form = { firstName: 'Augusta', ...sent, lastLoginAt: new Date(0), sessionsValidFrom: 1e15 }
    userOf(await users.update(id, form as object))
    expect(await record(id)).toEqual({ ...before, firstName: 'Augusta' })
  })

  it('with a weak password, or one like the name, changes nothing', async () => {
    const { users, record } = site()
    const { id } = userOf(await users.create({ username: 'augusta.king', password }))
    const before = await record(id)
    expect(await codesOf(users.setPassword(id, 'augusta.king1'))).toEqual(['password too-similar'])
    expect(await codesOf(users.create({ username: 'lovelace', password: 'lovelace1' }))).toEqual([
      'password too-similar',
    ])
    expect(await record(id)).toEqual(before)
  })
})

describe('a user', () => {
  it('never has the password, or what belongs to it, about them', async () => {
    const { users } = site()
    const user = await ada(users)
    const changed = userOf(await users.update(user.id, { firstName: 'Ada' }))
    for (const seen of [user, changed, await users.find({ id: user.id }), (await users.list())[0]]) {
      expect(Object.keys(seen ?? {}).sort()).toEqual([
        ...['email', 'firstName', 'id', 'isActive', 'isStaff', 'isSuperuser'],
        ...['joinedAt', 'lastLoginAt', 'lastName', 'username'],
      ])
    }
  })

  it('is told apart by the case of the name, as in Django', async () => {
    const { users } = site()
    const [small, capital] = [await ada(users), userOf(await users.create({ username: 'Ada' }))]
    expect((await users.find({ username: 'ada' }))?.id).toBe(small.id)
    expect((await users.find({ username: 'Ada' }))?.id).toBe(capital.id)
    expect(await codesOf(users.update(capital.id, { username: 'ada' }))).toEqual(['username taken'])
  })

  it('is nobody by an address that two have, or that is empty', async () => {
    const { users } = site()
    userOf(await users.create({ username: 'nomail' }))
    expect(await users.find({ email: '' })).toBeNull()
    expect(await users.find({ email: ' ' })).toBeNull()
    const { email } = await ada(users)
    expect((await users.find({ email: 'ada@EXAMPLE.COM' }))?.username).toBe('ada')
    userOf(await users.create({ username: 'bob', email }))
    expect(await users.find({ email })).toBeNull()
  })

  it('loses the sessions that began before a new password, deactivation or an unusable password', async () => {
    const { users, record, later, now } = site()
    const { id } = await ada(users)
    expect((await record(id)).sessionsValidFrom).toBe(0)
    const changes = [
      () => users.setPassword(id, `${password}!`),
      () => users.deactivate(id),
      () => users.setUnusablePassword(id),
    ]
    for (const change of changes) {
      later(60_000)
      await change()
      expect((await record(id)).sessionsValidFrom).toBe(now())
    }
    later(-3_600_000)
    await users.deactivate(id)
    expect((await record(id)).sessionsValidFrom).toBe(now() + 3_600_000 + 1)
  })

  it('keeps the sessions when only the profile changes, or when let in again', async () => {
    const { users, record } = site()
    const { id } = await ada(users)
    await users.update(id, { email: 'new@example.com' })
    await users.setStanding(id, { isStaff: true })
    await users.activate(id)
    expect((await record(id)).sessionsValidFrom).toBe(0)
  })

  it('who is deactivated stays, and can be let in again', async () => {
    const { users } = site()
    const { id } = await ada(users)
    expect(await users.deactivate(id)).toBe(true)
    expect(await users.find({ id })).toMatchObject({ isActive: false, username: 'ada' })
    expect(await codesOf(users.create({ username: 'ada' }))).toEqual(['username taken'])
    expect(await users.activate(id)).toBe(true)
    expect(await users.find({ id })).toMatchObject({ isActive: true })
  })

  it('who is deleted is gone, and no verb brings them back', async () => {
    const { users } = site()
    const { id } = await ada(users)
    expect(await users.delete(id)).toBe(true)
    const answers = [users.delete(id), users.activate(id), users.deactivate(id), users.setUnusablePassword(id)]
    expect(await Promise.all(answers)).toEqual([false, false, false, false])
    expect(await users.setStanding(id, { isStaff: true })).toBe(false)
    expect(await users.hasUsablePassword(id)).toBeNull()
    for (const verb of [
      users.update(id, { firstName: 'Eve' }),
      users.update(id, {}),
      users.setPassword(id, password),
    ]) {
      expect(await codesOf(verb)).toEqual(['id unknown'])
    }
    expect(await users.find({ id })).toBeNull()
  })

  it('joined when the clock said so', async () => {
    const { users, later, now } = site()
    later(123)
    expect((await ada(users)).joinedAt.getTime()).toBe(now())
  })

  it('has own fields, typed', async () => {
    const store = memoryUsers<{ tenant: string; phone: string | null }>()
    const users = createUsers({ store, passwords })
    const user = userOf(await users.create({ username: 'ada', tenant: 't1', phone: '1' }))
    const tenant: string = user.tenant
    expect([tenant, user.phone]).toEqual(['t1', '1'])
    expect(userOf(await users.update(user.id, { phone: null })).phone).toBeNull()
    // @ts-expect-error: `tenant` cannot be null, so that it cannot be left out.
    await users.create({ username: 'bob' })
  })
})

describe('a list', () => {
  it('has everybody once, page by page, in the order in which they joined', async () => {
    const { users, later } = site()
    const names = Array.from({ length: 7 }, (_, n) => `user${n}`)
    for (const username of names) {
      later(1)
      userOf(await users.create({ username }))
    }
    const listed: string[] = []
    for (let after: string | undefined; ; ) {
      const page = await users.list({ after, limit: 3 })
      if (page.length === 0) break
      listed.push(...page.map(({ username }) => username))
      after = page.at(-1)?.id
    }
    expect(listed).toEqual(names)
    expect(await users.list()).toHaveLength(7)
  })

  it.each([0, -1, 1.5, Number.NaN, 1001, '10'])('of %j users is refused', async limit => {
    await expect(site().users.list({ limit: limit as number })).rejects.toThrow(/OPTION_INVALID.*limit/)
  })
})

describe('what was done is told', () => {
  it('after it was done, without a name, an address or a password', async () => {
    const { users, events } = site()
    const { id } = await ada(users)
    await users.update(id, { firstName: 'Ada' })
    await users.setPassword(id, `${password}!`)
    await users.setStanding(id, { isStaff: true })
    await users.deactivate(id)
    await users.activate(id)
    await users.delete(id)
    const types = ['created', 'updated', 'password-changed', 'standing-changed', 'deactivated', 'activated', 'deleted']
    const named = types.map(type => ({ type: type === 'password-changed' ? type : `user-${type}`, userId: id }))
    expect(events).toEqual(named)
  })

  it('and a listener that throws undoes nothing', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    const onEvent = (): never => {
      throw new Error('full disk')
    }
    const users = createUsers({ store: memoryUsers(), passwords, onEvent })
    expect((await ada(users)).username).toBe('ada')
    expect(warn).toHaveBeenCalledOnce()
    warn.mockRestore()
  })

  it('but nothing where nothing was done', async () => {
    const { users, events } = site()
    await users.delete('nobody')
    await users.deactivate('nobody')
    await users.update('nobody', { firstName: 'Eve' })
    await users.setPassword('nobody', password)
    expect(events).toEqual([])
  })
})

describe('createUsers refuses at the start', () => {
  it.each([
    [
      'a store that was not awaited',
      { store: Promise.resolve(memoryUsers()), passwords },
      /store has no function find/,
    ],
    ['no passwords', { store: memoryUsers() }, /passwords has no function hash/],
    ['a misspelt option', { store: memoryUsers(), passwords, clock: Date.now }, /clock is not an option/],
    ['a clock that is a time', { store: memoryUsers(), passwords, now: 0 }, /no function now/],
  ])('%s', (_, options, message) => {
    expect(() => createUsers(options as never)).toThrow(message)
  })

  it('a standing that is neither true nor false', async () => {
    const { users } = site()
    const { id } = await ada(users)
    await expect(users.setStanding(id, { isStaff: 'yes' as never })).rejects.toThrow(/OPTION_INVALID.*isStaff/)
  })
})
