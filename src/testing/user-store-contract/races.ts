import assert from 'node:assert/strict'
import type { UserStore } from '../../auth/users/user-store.ts'
import { assertHolds, atOnce, count, createUser, findUser, newHash, newUser, newUsername } from './samples.ts'
import type { UserSuite } from './suite.ts'

/** The sentences of `UserStore` once more, for many callers at the same time. */
export function tellOfRaces({ story }: UserSuite<UserStore>): void {
  story(
    'Null, and nothing stored, if the username is taken: of several that create one username at the same time, one gets an id.',
    async store => {
      const username = newUsername()
      const all = Array.from({ length: 50 }, () => newUser({ username, email: newUser().email }))
      const ids = await Promise.all(all.map(values => store.create(values)))
      assert.equal(count(ids, null), 49)
      const winner = ids.findIndex(id => id !== null)
      await assertHolds(store, ids[winner] ?? '', all[winner] ?? newUser())
      const found = await Promise.all(all.map(({ email }) => store.find({ email })))
      assert.equal(count(found, null), 49)
    },
  )

  story('of 20 users who are renamed to one name, exactly one is', async store => {
    const username = newUsername()
    const ids = await atOnce(20, () => createUser(store))
    const outcomes = await Promise.all(ids.map(id => store.update(id, { username })))
    assert.equal(count(outcomes, 'updated'), 1)
    assert.equal(count(outcomes, 'username-taken'), 19)
    assert.equal((await store.find({ username }))?.id, ids[outcomes.indexOf('updated')])
  })

  story('of 20 changes of one password hash, exactly one wins', async store => {
    const values = newUser()
    const id = await createUser(store, values)
    const hashes = Array.from({ length: 20 }, newHash)
    const options = { ifPassword: values.password }
    const outcomes = await Promise.all(hashes.map(password => store.update(id, { password }, options)))
    assert.equal(count(outcomes, 'updated'), 1)
    assert.equal((await findUser(store, id)).password, hashes[outcomes.indexOf('updated')])
  })

  story('of many epochs that are set at the same time, the latest stays, and no other field is lost', async store => {
    const id = await createUser(store)
    const lastLoginAt = new Date(1_767_225_600_000)
    await Promise.all([
      atOnce(20, n => store.update(id, { sessionsValidFrom: ((n * 7) % 20) + 1 })),
      store.update(id, { firstName: 'Augusta' }),
      store.update(id, { lastLoginAt }),
      store.update(id, { isActive: false }),
    ])
    const { sessionsValidFrom, firstName, ...user } = await findUser(store, id)
    assert.deepEqual([sessionsValidFrom, firstName], [20, 'Augusta'])
    assert.deepEqual([user.lastLoginAt, user.isActive], [lastLoginAt, false])
  })

  story('a user who is deleted while others change them is gone, whoever came first', async store => {
    await atOnce(20, async n => {
      const values = newUser()
      const id = await createUser(store, values)
      const changes = (calls: number) => atOnce(calls, () => store.update(id, { firstName: 'Eve' }))
      await Promise.all([changes(n % 3), store.delete(id), changes(2)])
      assert.equal(await store.find({ id }), null)
      assert.equal(await store.find({ username: values.username }), null)
    })
  })
}
