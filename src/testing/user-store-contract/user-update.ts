import assert from 'node:assert/strict'
import type { UserStore } from '../../auth/users/user-store.ts'
import { assertHolds, createUser, findUser, newHash, newUser, newUsername } from './samples.ts'
import type { UserSuite } from './suite.ts'

/** The sentences of `UserStore` on changes, for one caller at a time. */
export function tellOfUserUpdate(suite: UserSuite<UserStore>): void {
  const { group } = suite
  group('update(id, changes)', () => {
    tellOfChanges(suite)
    tellOfRefusals(suite)
  })
  group('update(id, changes, { ifPassword })', () => tellOfIfPassword(suite))
}

function tellOfChanges({ story }: UserSuite<UserStore>): void {
  story('Changes these fields, at least one, and no others.', async store => {
    const values = newUser()
    const [id, bystander] = [await createUser(store, values), await createUser(store)]
    const other = await findUser(store, bystander)
    const steps = [
      { lastLoginAt: new Date(1_767_225_600_001) },
      { lastLoginAt: null },
      { username: newUsername(), email: newUser().email, firstName: 'Augusta', lastName: 'King' },
      { isActive: false, isStaff: true, isSuperuser: true },
      { isActive: true },
      { joinedAt: new Date(0) },
      { password: newHash(), sessionsValidFrom: 12 },
    ]
    let expected = values
    for (const changes of steps) {
      assert.equal(await store.update(id, changes), 'updated')
      expected = { ...expected, ...changes }
      await assertHolds(store, id, expected)
    }
    assert.deepEqual(await findUser(store, bystander), other)
  })

  story("is 'updated' also if nothing is different afterwards", async store => {
    const values = newUser()
    const id = await createUser(store, values)
    assert.equal(await store.update(id, values), 'updated')
    assert.equal(await store.update(id, { username: values.username }), 'updated')
    await assertHolds(store, id, values)
  })
}

function tellOfRefusals({ story }: UserSuite<UserStore>): void {
  story('`sessionsValidFrom` never moves back: of the old and the new value, the greater one stays.', async store => {
    const id = await createUser(store, newUser({ sessionsValidFrom: 1000 }))
    const steps = [999, 1001, 0, 1_767_225_600_123, 1_767_225_600_122]
    const kept: number[] = []
    for (const sessionsValidFrom of steps) {
      assert.equal(await store.update(id, { sessionsValidFrom, firstName: String(sessionsValidFrom) }), 'updated')
      const record = await findUser(store, id)
      assert.equal(record.firstName, String(sessionsValidFrom))
      kept.push(record.sessionsValidFrom)
    }
    assert.deepEqual(kept, [1000, 1001, 1001, 1_767_225_600_123, 1_767_225_600_123])
  })

  story("'username-taken', and nothing changed, if another user has the new username.", async store => {
    const [values, other] = [newUser(), newUser()]
    const [id, otherId] = [await createUser(store, values), await createUser(store, other)]
    const changes = { username: other.username, firstName: 'Eve', isStaff: true }
    assert.equal(await store.update(id, changes), 'username-taken')
    await assertHolds(store, id, values)
    await assertHolds(store, otherId, other)
  })

  story("is 'absent' for a user who was deleted, and brings nobody back", async store => {
    const values = newUser()
    const id = await createUser(store, values)
    await store.delete(id)
    assert.equal(await store.update(id, values), 'absent')
    assert.equal(await store.find({ id }), null)
    assert.equal(await store.find({ username: values.username }), null)
  })
}

function tellOfIfPassword({ story }: UserSuite<UserStore>): void {
  story(
    "'absent', and nothing changed, if there is no such user, or, with `ifPassword`, if the user has another password hash by now.",
    async store => {
      const [old, chosen, upgraded] = [newHash(), newHash(), newHash()]
      const values = newUser({ password: old })
      const id = await createUser(store, values)
      assert.equal(await store.update(id, { password: chosen }, { ifPassword: old }), 'updated')
      assert.equal(await store.update(id, { password: upgraded }, { ifPassword: old }), 'absent')
      assert.equal(await store.update(id, { password: upgraded }, { ifPassword: chosen.toUpperCase() }), 'absent')
      await assertHolds(store, id, { ...values, password: chosen })
      await store.delete(id)
      assert.equal(await store.update(id, { password: upgraded }, { ifPassword: chosen }), 'absent')
    },
  )

  story("is 'updated' if the password is the one that was read", async store => {
    const values = newUser()
    const id = await createUser(store, values)
    const { password } = values
    assert.equal(await store.update(id, { firstName: 'Augusta' }, { ifPassword: password }), 'updated')
    assert.equal(await store.update(id, { firstName: 'Augusta' }, { ifPassword: password }), 'updated')
    assert.equal(await store.update(id, { password }, { ifPassword: password }), 'updated')
    await assertHolds(store, id, { ...values, firstName: 'Augusta' })
  })
}
