import assert from 'node:assert/strict'
import type { UserStore } from '../../auth/users/user-store.ts'
import { createUser, findUser, newUser, newUsername, nobodysIds } from './samples.ts'
import type { UserSuite } from './suite.ts'

/** The sentences of `UserStore` on lists and rights. */
export function tellOfUserList(suite: UserSuite<UserStore>): void {
  const { group } = suite
  group('list({ after, limit })', () => tellOfList(suite))
  group('rightsOf(id)', () => tellOfRights(suite))
}

function tellOfList({ story }: UserSuite<UserStore>): void {
  story(
    'At most `limit` users, in an order that never changes for those who are there, from the one after the user with the id `after`.',
    async store => {
      const ids: string[] = []
      for (let n = 0; n < 7; n++) ids.push(await createUser(store))
      const once = await idsOf(store, 3)
      for (const id of ids) assert.equal(once.filter(other => other === id).length, 1)
      await store.update(ids[0] ?? '', { username: newUsername(), joinedAt: new Date(), isActive: false })
      const again = await idsOf(store, 1000)
      assert.deepEqual(
        again.filter(id => ids.includes(id)),
        once.filter(id => ids.includes(id)),
      )
    },
  )

  story('gives the same of a user as find', async store => {
    const id = await createUser(store, newUser({ lastLoginAt: new Date() }))
    const record = await findUser(store, id)
    assert.deepEqual(await listed(store, id), record)
  })

  story('goes on where it was, though the user it was at is deleted meanwhile', async store => {
    for (let n = 0; n < 3; n++) await createUser(store)
    const all = await idsOf(store, 1000)
    const at = all.at(-2) ?? ''
    await store.delete(at)
    const rest = await store.list({ after: at, limit: 1000 })
    assert.ok(rest.some(({ id }) => id === all.at(-1)))
    assert.ok(!rest.some(({ id }) => id === all.at(-3)))
  })
}

/** The ids of all users, asked for page by page. */
async function idsOf(store: UserStore, limit: number): Promise<string[]> {
  const ids: string[] = []
  for (;;) {
    const page = await store.list({ after: ids.at(-1), limit })
    assert.ok(page.length <= limit)
    if (page.length === 0) return ids
    ids.push(...page.map(({ id }) => id))
  }
}

async function listed(store: UserStore, id: string): Promise<unknown> {
  for (let after: string | undefined; ; ) {
    const page = await store.list({ after, limit: 100 })
    const found = page.find(record => record.id === id)
    if (found || page.length === 0) return found
    after = page.at(-1)?.id
  }
}

function tellOfRights({ story }: UserSuite<UserStore>): void {
  story(
    "The user's groups and permissions, in the order of their names; none for a user who does not exist.",
    async store => {
      const none = { groups: [], permissions: [] }
      assert.deepEqual(await store.rightsOf(await createUser(store)), none)
      for (const id of nobodysIds()) assert.deepEqual(await store.rightsOf(id), none)
    },
  )
}
