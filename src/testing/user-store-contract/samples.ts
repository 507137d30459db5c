import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import type { NewUserRecord, UserRecord } from '../../auth/users/user.ts'
import type { UserStore } from '../../auth/users/user-store.ts'

/** A username that nobody has: the suite may run on a store that others use too. */
export function newUsername(): string {
  return `ada-${randomUUID()}`
}

/** A password's hash, or what looks like one: a store does not know. */
export function newHash(): string {
  return `$argon2id$v=19$m=19456,t=2,p=1$${randomBytes(16).toString('base64')}$${randomBytes(32).toString('base64')}`
}

/** A user whom nobody knows. */
export function newUser(changes: Partial<NewUserRecord> = {}): NewUserRecord {
  const username = changes.username ?? newUsername()
  return {
    username,
    email: `${username.slice(0, 60)}@example.com`,
    firstName: 'Ada',
    lastName: 'Lovelace',
    isActive: true,
    isStaff: false,
    isSuperuser: false,
    joinedAt: new Date(),
    lastLoginAt: null,
    password: newHash(),
    sessionsValidFrom: 0,
    ...changes,
  }
}

/** Stores a user and gives the id. */
export async function createUser(store: UserStore, values: NewUserRecord = newUser()): Promise<string> {
  const id = await store.create(values)
  assert.equal(typeof id, 'string', 'create() of a new username')
  return id ?? ''
}

/** Finds a user who has to be there. */
export async function findUser(store: UserStore, id: string): Promise<UserRecord> {
  const record = await store.find({ id })
  assert.ok(record, 'find() found no user')
  return record
}

/** That the store holds under this id exactly these built-in fields. */
export async function assertHolds(store: UserStore, id: string, values: NewUserRecord): Promise<void> {
  assert.deepEqual(builtIn(await findUser(store, id)), { ...builtIn({ ...values, id }), id })
}

/** What every store keeps of a user, whatever fields of its own it has. */
export function builtIn(record: UserRecord): UserRecord {
  const { id, username, email, firstName, lastName, isActive, isStaff, isSuperuser } = record
  const { joinedAt, lastLoginAt, password, sessionsValidFrom } = record
  const texts = { id, username, email, firstName, lastName, password }
  return { ...texts, isActive, isStaff, isSuperuser, joinedAt, lastLoginAt, sessionsValidFrom }
}

/** The answers of so many calls that are under way at the same time. */
export function atOnce<T>(calls: number, call: (n: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: calls }, (_, n) => call(n)))
}

/** How many of several answers are this one. */
export function count<T>(answers: readonly T[], answer: T): number {
  return answers.filter(other => other === answer).length
}

/** No id of any store, whatever type its ids are of. */
export function nobodysIds(): string[] {
  const words = ['nobody', ' ', '-1', '0', '1.5', '1e3', '0x1', 'NaN', "' or 1=1 --", '%', 'é', '😀']
  return [...words, '9'.repeat(40), 'x'.repeat(255), randomUUID()]
}
