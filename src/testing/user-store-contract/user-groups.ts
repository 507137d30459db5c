import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { Grantee, UserGroups, UserStore } from '../../auth/users/user-store.ts'
import { atOnce, count, createUser } from './samples.ts'
import type { UserSuite } from './suite.ts'

type Store = UserStore & UserGroups

/** The sentences of `UserGroups`. */
export function tellOfUserGroups(suite: UserSuite<Store>): void {
  tellOfGroups(suite)
  tellOfMembers(suite)
  tellOfPermissions(suite)
  tellOfNames(suite)
  tellOfRacesForRights(suite)
}

const newName = (): string => `editors-${randomUUID()}`

async function newGroup(store: Store, ...permissions: string[]): Promise<string> {
  const name = newName()
  assert.equal(await store.createGroup(name), true)
  for (const permission of permissions) assert.equal(await store.grant({ group: name }, permission), true)
  return name
}

async function newMember(store: Store, ...groups: string[]): Promise<string> {
  const id = await createUser(store)
  for (const group of groups) assert.equal(await store.addToGroup(id, group), true)
  return id
}

async function groupsOf(store: Store, names: readonly string[]): Promise<unknown> {
  return (await store.listGroups()).filter(({ name }) => names.includes(name))
}

function tellOfGroups({ story }: UserSuite<Store>): void {
  story('Makes a group without permissions.', async store => {
    const name = await newGroup(store)
    assert.deepEqual(await groupsOf(store, [name]), [{ name, permissions: [] }])
  })

  story('False, and nothing changed, if there is one of this name.', async store => {
    const name = await newGroup(store, 'blog.publish')
    const id = await newMember(store, name)
    assert.equal(await store.createGroup(name), false)
    assert.deepEqual(await store.rightsOf(id), { groups: [name], permissions: ['blog.publish'] })
  })

  story('Removes the group, and with it what its users had through it.', async store => {
    const [gone, kept] = [await newGroup(store, 'blog.publish'), await newGroup(store, 'blog.read')]
    const id = await newMember(store, gone, kept)
    assert.equal(await store.deleteGroup(gone), true)
    assert.deepEqual(await store.rightsOf(id), { groups: [kept], permissions: ['blog.read'] })
    await store.createGroup(gone)
    assert.deepEqual(await store.rightsOf(id), { groups: [kept], permissions: ['blog.read'] })
    assert.deepEqual(await groupsOf(store, [gone]), [{ name: gone, permissions: [] }])
  })

  story('False if there is no such group.', async store => {
    const name = await newGroup(store)
    assert.equal(await store.deleteGroup(name), true)
    assert.equal(await store.deleteGroup(name), false)
  })

  story('All groups with their permissions, both in the order of their names.', async store => {
    const start = randomUUID()
    const names = ['b', 'a', 'C'].map(end => start + end)
    for (const name of names) await store.createGroup(name)
    for (const permission of ['b', 'a', 'C']) await store.grant({ group: `${start}a` }, permission)
    assert.deepEqual(await groupsOf(store, names), [
      { name: `${start}C`, permissions: [] },
      { name: `${start}a`, permissions: ['C', 'a', 'b'] },
      { name: `${start}b`, permissions: [] },
    ])
  })
}

function tellOfMembers({ story }: UserSuite<Store>): void {
  story('Makes the user one of the group, also if they are already.', async store => {
    const group = await newGroup(store)
    const [id, bystander] = [await newMember(store), await newMember(store)]
    assert.equal(await store.addToGroup(id, group), true)
    assert.equal(await store.addToGroup(id, group), true)
    assert.deepEqual((await store.rightsOf(id)).groups, [group])
    assert.deepEqual((await store.rightsOf(bystander)).groups, [])
  })

  story('False if there is no such user or no such group.', async store => {
    const [group, id] = [await newGroup(store), await newMember(store)]
    assert.equal(await store.addToGroup(id, newName()), false)
    await store.delete(id)
    for (const nobody of [id, 'nobody', '0', randomUUID()]) {
      assert.equal(await store.addToGroup(nobody, group), false)
    }
  })

  story('Ends it.', async store => {
    const [left, kept] = [await newGroup(store, 'a'), await newGroup(store, 'b')]
    const id = await newMember(store, left, kept)
    assert.equal(await store.removeFromGroup(id, left), undefined)
    assert.deepEqual(await store.rightsOf(id), { groups: [kept], permissions: ['b'] })
  })

  story('Removing who is not in the group is not an error.', async store => {
    const [group, id] = [await newGroup(store), await newMember(store)]
    for (const name of [group, newName()]) assert.equal(await store.removeFromGroup(id, name), undefined)
    assert.equal(await store.removeFromGroup('nobody', group), undefined)
  })
}

function tellOfPermissions({ story }: UserSuite<Store>): void {
  story('Gives a user, or all of a group, this permission, also if they have it already.', async store => {
    const group = await newGroup(store)
    const [id, bystander] = [await newMember(store, group), await newMember(store)]
    for (const to of [{ user: id }, { group }]) {
      assert.equal(await store.grant(to, 'blog.publish'), true)
      assert.equal(await store.grant(to, 'blog.publish'), true)
    }
    await store.grant({ user: id }, 'blog.delete')
    assert.deepEqual((await store.rightsOf(id)).permissions, ['blog.delete', 'blog.publish'])
    assert.deepEqual((await store.rightsOf(bystander)).permissions, [])
  })

  story('False if there is no such user or group.', async store => {
    const id = await newMember(store)
    await store.delete(id)
    const nobody: Grantee[] = [{ user: id }, { user: 'nobody' }, { user: randomUUID() }, { group: newName() }]
    for (const to of nobody) assert.equal(await store.grant(to, 'blog.publish'), false)
  })

  story('Takes back what `grant` gave.', async store => {
    const group = await newGroup(store, 'blog.publish', 'blog.read')
    const id = await newMember(store, group)
    await store.grant({ user: id }, 'blog.publish')
    assert.equal(await store.revoke({ group }, 'blog.publish'), undefined)
    assert.deepEqual((await store.rightsOf(id)).permissions, ['blog.publish', 'blog.read'])
    assert.equal(await store.revoke({ user: id }, 'blog.publish'), undefined)
    assert.deepEqual((await store.rightsOf(id)).permissions, ['blog.read'])
  })

  story('Revoking what was not given is not an error.', async store => {
    const [group, id] = [await newGroup(store), await newMember(store)]
    const from: Grantee[] = [{ group }, { user: id }, { group: newName() }, { user: 'nobody' }]
    for (const grantee of from) assert.equal(await store.revoke(grantee, 'blog.publish'), undefined)
  })

  story('a deleted user leaves no rights behind', async store => {
    const group = await newGroup(store, 'a')
    const id = await newMember(store, group)
    await store.grant({ user: id }, 'b')
    await store.delete(id)
    assert.deepEqual(await store.rightsOf(id), { groups: [], permissions: [] })
    assert.deepEqual(await groupsOf(store, [group]), [{ name: group, permissions: ['a'] }])
  })
}

function tellOfNames({ story }: UserSuite<Store>): void {
  story('Names of groups and permissions are texts of 1 to 150 characters, compared as usernames are.', async store => {
    const start = randomUUID()
    const ends = ['a', 'A', 'ä', 'a ', ' a', 'ß', 'ss', '😀', '😁', '%', '_', "'", '𐐀'.repeat(150 - start.length)]
    const names = ends.map(end => start + end)
    for (const name of names) assert.equal(await store.createGroup(name), true, name)
    for (const name of names) assert.equal(await store.grant({ group: names[0] ?? '' }, name), true, name)
    const id = await newMember(store, names[0] ?? '', names[7] ?? '')
    const rights = await store.rightsOf(id)
    assert.deepEqual(rights, { groups: [names[0], names[7]].sort(), permissions: names.toSorted() })
    for (const wrong of ['', 'x'.repeat(151), 'a\0b', '\ud800']) {
      await assert.rejects(store.createGroup(wrong))
      await assert.rejects(store.grant({ user: id }, wrong))
    }
  })
}

function tellOfRacesForRights({ story }: UserSuite<Store>): void {
  story('of 20 that make one group at the same time, exactly one does', async store => {
    const name = newName()
    const made = await atOnce(20, () => store.createGroup(name))
    assert.equal(count(made, true), 1)
  })

  story('20 that give the same at the same time all succeed, and it is given once', async store => {
    const [group, id] = [await newGroup(store), await newMember(store)]
    const given = await Promise.all([
      atOnce(20, () => store.addToGroup(id, group)),
      atOnce(20, () => store.grant({ user: id }, 'a')),
      atOnce(20, () => store.grant({ group }, 'b')),
    ])
    assert.equal(count(given.flat(), true), 60)
    assert.deepEqual(await store.rightsOf(id), { groups: [group], permissions: ['a', 'b'] })
  })
}
