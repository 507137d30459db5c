import assert from 'node:assert/strict'
import type { UserStore } from '../../auth/users/user-store.ts'
import { assertHolds, createUser, findUser, newUser, newUsername, nobodysIds } from './samples.ts'
import type { UserSuite } from './suite.ts'

/** The sentences of `UserStore` on who is there and who is not, for one caller at a time. The races are told apart. */
export function tellOfUserStore(suite: UserSuite<UserStore>): void {
  const { group } = suite
  group('find(by)', () => tellOfFind(suite))
  group('create(values)', () => tellOfCreate(suite))
  group('delete(id)', () => tellOfDelete(suite))
}

function tellOfFind({ story }: UserSuite<UserStore>): void {
  story('The user with this id, username or e-mail address; null if there is none.', async store => {
    const values = newUser()
    const id = await createUser(store, values)
    await createUser(store)
    for (const by of [{ id }, { username: values.username }, { email: values.email }]) {
      assert.equal((await store.find(by))?.id, id)
    }
    const nobody = newUser()
    assert.equal(await store.find({ username: nobody.username }), null)
    assert.equal(await store.find({ email: nobody.email }), null)
    assert.equal(await store.find({ username: values.email }), null)
    assert.equal(await store.find({ email: values.username }), null)
  })

  story('Several users may have one e-mail address: then it leads to nobody.', async store => {
    const { email } = newUser()
    const first = await createUser(store, newUser({ email }))
    const second = await createUser(store, newUser({ email }))
    const third = await createUser(store, newUser({ email }))
    assert.equal(await store.find({ email }), null)
    await store.delete(first)
    assert.equal(await store.find({ email }), null)
    await store.delete(second)
    assert.equal((await store.find({ email }))?.id, third)
  })

  story("A text that cannot be an id, such as a word where ids are numbers, is nobody's.", async store => {
    const id = await createUser(store)
    for (const other of [...nobodysIds(), ` ${id}`, `${id} `, `${id}x`, `+${id}`, `0${id}`]) {
      assert.equal(await store.find({ id: other }), null, JSON.stringify(other))
      assert.equal(await store.update(other, { firstName: 'Eve' }), 'absent', JSON.stringify(other))
      assert.equal(await store.delete(other), false, JSON.stringify(other))
    }
    assert.equal((await findUser(store, id)).firstName, 'Ada')
  })

  story('gives a copy: changing it changes nobody', async store => {
    const id = await createUser(store)
    const before = await findUser(store, id)
    const copy = await findUser(store, id)
    copy.joinedAt.setTime(0)
    Object.assign(copy, { isStaff: true })
    assert.deepEqual(await findUser(store, id), before)
  })
}

function tellOfCreate({ story }: UserSuite<UserStore>): void {
  story('Stores a new user and gives their id, which no user ever had before.', async store => {
    const values = newUser()
    const id = await createUser(store, values)
    await assertHolds(store, id, values)
    const ids = new Set([id])
    for (let n = 0; n < 3; n++) {
      await store.delete([...ids].at(-1) ?? '')
      ids.add(await createUser(store, values))
    }
    assert.equal(ids.size, 4, 'the id of a user who was deleted is not given again')
  })

  story('keeps every field as it is, set and unset', async store => {
    const flags = { isActive: false, isStaff: true, isSuperuser: true }
    const values = newUser({ ...flags, lastLoginAt: new Date(1), sessionsValidFrom: 1_767_225_600_123 })
    await assertHolds(store, await createUser(store, values), values)
    const bare = newUser({ email: '', firstName: '', lastName: '', isStaff: true })
    await assertHolds(store, await createUser(store, bare), bare)
  })

  story('leaves the one who has the username as they are when another asks for it', async store => {
    const values = newUser()
    const id = await createUser(store, values)
    assert.equal(await store.create(newUser({ username: values.username })), null)
    await assertHolds(store, id, values)
    assert.equal((await store.find({ username: values.username }))?.id, id)
  })

  story('gives a username away again when its user is deleted or renamed', async store => {
    const { username } = newUser()
    await store.delete(await createUser(store, newUser({ username })))
    const second = await createUser(store, newUser({ username }))
    await store.update(second, { username: newUsername() })
    const third = await createUser(store, newUser({ username }))
    assert.equal((await store.find({ username }))?.id, third)
  })
}

function tellOfDelete({ story }: UserSuite<UserStore>): void {
  story('Removes the user and what rights they were given.', async store => {
    const [values, other] = [newUser(), newUser()]
    const [id, bystander] = [await createUser(store, values), await createUser(store, other)]
    assert.equal(await store.delete(id), true)
    for (const by of [{ id }, { username: values.username }, { email: values.email }]) {
      assert.equal(await store.find(by), null)
    }
    assert.deepEqual(await store.rightsOf(id), { groups: [], permissions: [] })
    await assertHolds(store, bystander, other)
  })

  story('False if there is no such user.', async store => {
    const id = await createUser(store)
    assert.equal(await store.delete(id), true)
    assert.equal(await store.delete(id), false)
  })
}
