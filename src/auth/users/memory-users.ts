import { checkRightName } from './right-name.ts'
import type { UserRecord } from './user.ts'
import { newUserId } from './user-id.ts'
import type { Grantee, Group, Rights, UserGroups, UserStore } from './user-store.ts'

/** Keeps users, groups and permissions in this process: for tests, and for trying things out. All are gone when the process ends. */
export function memoryUsers<Own extends object = object>(): UserStore<Own> & UserGroups {
  const records = new Map<string, UserRecord<Own>>()
  const rights = new MemoryRights(id => records.has(id))
  const all = (): UserRecord<Own>[] => [...records.values()]
  const isTaken = (username: string | undefined): boolean => all().some(record => record.username === username)

  return {
    async find(by): Promise<UserRecord<Own> | null> {
      const found = 'id' in by ? records.get(by.id) : onlyOne(all().filter(record => matches(record, by)))
      return found ? structuredClone(found) : null
    },

    async create(values): Promise<string | null> {
      if (isTaken(values.username)) return null
      const id = newUserId(values.joinedAt)
      records.set(id, structuredClone({ ...values, id }) as unknown as UserRecord<Own>)
      return id
    },

    async update(id, changes, { ifPassword } = {}): Promise<'updated' | 'absent' | 'username-taken'> {
      const record = records.get(id)
      if (!record || (ifPassword !== undefined && record.password !== ifPassword)) return 'absent'
      if (changes.username !== record.username && isTaken(changes.username)) return 'username-taken'
      const sessionsValidFrom = Math.max(record.sessionsValidFrom, changes.sessionsValidFrom ?? 0)
      records.set(id, structuredClone({ ...record, ...changes, id, sessionsValidFrom }))
      return 'updated'
    },

    async delete(id): Promise<boolean> {
      rights.forget(id)
      return records.delete(id)
    },

    async list({ after = '', limit }): Promise<UserRecord<Own>[]> {
      const rest = all().filter(({ id }) => id > after)
      return structuredClone(rest.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit))
    },

    ...rights.verbs,
  }
}

function matches(record: UserRecord, by: { username: string } | { email: string }): boolean {
  return 'username' in by ? record.username === by.username : record.email === by.email
}

function onlyOne<T>(found: readonly T[]): T | undefined {
  return found.length === 1 ? found[0] : undefined
}

/** Groups and permissions. */
class MemoryRights {
  readonly #isUser: (id: string) => boolean
  /** The permissions of each group, and its users. */
  readonly #groups = new Map<string, { readonly permissions: Set<string>; readonly users: Set<string> }>()
  readonly #ofUsers = new Map<string, Set<string>>()

  constructor(isUser: (id: string) => boolean) {
    this.#isUser = isUser
  }

  forget(id: string): void {
    this.#ofUsers.delete(id)
    for (const { users } of this.#groups.values()) users.delete(id)
  }

  readonly verbs: UserGroups & Pick<UserStore, 'rightsOf'> = {
    rightsOf: async (id): Promise<Rights> => {
      const groups = [...this.#groups].filter(([, { users }]) => users.has(id))
      const permissions = new Set(this.#ofUsers.get(id))
      for (const [, group] of groups) for (const permission of group.permissions) permissions.add(permission)
      return { groups: groups.map(([name]) => name).sort(), permissions: [...permissions].sort() }
    },

    createGroup: async (name): Promise<boolean> => {
      checkRightName('group', name)
      if (this.#groups.has(name)) return false
      this.#groups.set(name, { permissions: new Set(), users: new Set() })
      return true
    },

    deleteGroup: async (name): Promise<boolean> => this.#groups.delete(name),

    listGroups: async (): Promise<Group[]> => {
      const groups = [...this.#groups].map(([name, { permissions }]) => ({
        name,
        permissions: [...permissions].sort(),
      }))
      return groups.sort((a, b) => (a.name < b.name ? -1 : 1))
    },

    addToGroup: async (id, group): Promise<boolean> => {
      const users = this.#isUser(id) ? this.#groups.get(group)?.users.add(id) : undefined
      return users !== undefined
    },

    removeFromGroup: async (id, group): Promise<void> => {
      this.#groups.get(group)?.users.delete(id)
    },

    grant: async (to, permission): Promise<boolean> => {
      checkRightName('permission', permission)
      if ('user' in to && this.#isUser(to.user) && !this.#ofUsers.has(to.user)) this.#ofUsers.set(to.user, new Set())
      return this.#permissionsOf(to)?.add(permission) !== undefined
    },

    revoke: async (from, permission): Promise<void> => {
      this.#permissionsOf(from)?.delete(permission)
    },
  }

  #permissionsOf(grantee: Grantee): Set<string> | undefined {
    return 'user' in grantee ? this.#ofUsers.get(grantee.user) : this.#groups.get(grantee.group)?.permissions
  }
}
