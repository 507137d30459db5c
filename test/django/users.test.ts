import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { djangoPbkdf2 } from '../../src/auth/passwords/formats/pbkdf2.ts'
import { createPasswords } from '../../src/auth/passwords/passwords.ts'
import { createUsers } from '../../src/auth/users/create-users.ts'
import { hasPermission } from '../../src/auth/users/permissions.ts'
import { djangoUsers } from '../../src/django/users/django-users.ts'
import { describeUserStore } from '../../src/testing/describe-user-store.ts'
import { createUser, newUser } from '../../src/testing/user-store-contract/samples.ts'
import { type DjangoSite, describeWithDjango, migrateDjango, startDjango } from './django-site.ts'
import { secretKey } from './two-sites.ts'

describeWithDjango('djangoUsers on SQLite', [], () => {
  const directory = mkdtempSync(join(tmpdir(), 'keepsake-django-'))
  const settingsFor = (file: string) => ({
    SECRET_KEY: secretKey,
    DATABASES: { default: { ENGINE: 'django.db.backends.sqlite3', NAME: join(directory, file) } },
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  describe('with a column for what Django does not keep', () => {
    migrateDjango(settingsFor('contract.sqlite3'))
    const database = new DatabaseSync(join(directory, 'contract.sqlite3'))
    database.exec('alter table auth_user add sessions_valid_from bigint not null default 0')
    const store = djangoUsers(database, { validFromColumn: 'sessions_valid_from' })
    describeUserStore('djangoUsers', () => store, { describe, it })
  })

  describe('beside a running site', () => {
    let django: DjangoSite | undefined
    const site = async (): Promise<DjangoSite> => (django ??= await startDjango(settingsFor('site.sqlite3')))
    const open = () => djangoUsers(new DatabaseSync(join(directory, 'site.sqlite3')))
    afterAll(() => django?.stop())

    it('a user who signs up here logs in there, and the other way', async () => {
      const { shell, url } = await site()
      const store = open()
      const passwords = createPasswords({ hasher: djangoPbkdf2() })
      const users = createUsers({ store, passwords })
      const password = 'correct horse battery'
      const { user } = await users.create({
        username: 'grace',
        email: 'grace@EXAMPLE.com',
        firstName: 'Grace',
        password,
      })
      const log_in = await fetch(`${url}/log_in?u=grace&p=${encodeURIComponent(password)}`)
      expect(await log_in.json()).toEqual({ user: 'grace' })
      const seen = shell(
        'u = User.objects.get(username="grace"); print(u.pk, u.email, u.first_name, u.is_active, u.is_staff)',
      )
      expect(seen).toBe(`${user?.id} grace@example.com Grace True False`)

      shell('User.objects.create_superuser("linus", "linus@example.com", "another long password")')
      const record = await store.find({ username: 'linus' })
      expect(record).toMatchObject({ isSuperuser: true, isStaff: true, isActive: true, lastLoginAt: null })
      expect(await passwords.verify('another long password', record?.password)).toMatchObject({ valid: true })
    })

    it('groups and permissions are those that Django gave', async () => {
      const { shell } = await site()
      shell(`
from django.contrib.auth.models import Group, Permission
u = User.objects.create_user("barbara")
g = Group.objects.create(name="editors")
g.permissions.add(Permission.objects.get(codename="add_user"), Permission.objects.get(codename="view_group"))
u.groups.add(g)
u.user_permissions.add(Permission.objects.get(codename="add_user"), Permission.objects.get(codename="delete_session"))
`)
      const store = open()
      const user = await store.find({ username: 'barbara' })
      const rights = await store.rightsOf(user?.id ?? '')
      const permissions = ['auth.add_user', 'auth.view_group', 'sessions.delete_session']
      expect(rights).toEqual({ groups: ['editors'], permissions })
      expect(hasPermission(user, rights, 'auth.view_group')).toBe(true)
      expect(
        JSON.parse(shell('print(json.dumps(sorted(User.objects.get(username="barbara").get_all_permissions())))')),
      ).toEqual(permissions)
      expect(await store.delete(user?.id ?? '')).toBe(true)
      expect(await store.rightsOf(user?.id ?? '')).toEqual({ groups: [], permissions: [] })
    })

    it('to end all sessions at a moment is refused where Django has no place for it, not forgotten', async () => {
      await site()
      const store = open()
      const id = await createUser(store, newUser({ sessionsValidFrom: 5 }))
      await expect(store.update(id, { sessionsValidFrom: 10 })).rejects.toThrow(/validFromColumn/)
      expect(await store.update(id, { sessionsValidFrom: 10, isActive: false })).toBe('updated')
      expect(await store.find({ id })).toMatchObject({ isActive: false, sessionsValidFrom: 0 })
    })
  })
})
