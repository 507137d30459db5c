import type { NewUserRecord, UserRecord, UserRecordChanges } from './user.ts'

/** How a user is looked up: by one of the three. */
export type UserKey = { readonly id: string } | { readonly username: string } | { readonly email: string }

/** What a user may do beyond what every user may. */
export interface Rights {
  /** The names of the user's groups. */
  readonly groups: readonly string[]
  /** The user's own permissions and those of their groups, each once. */
  readonly permissions: readonly string[]
}

/**
 * Where users rest: a table that is there already, behind six functions. `createUsers` has the rules (which usernames there are,
 * how an e-mail address is written, what a good password is); a store compares and keeps what it is given.
 *
 * Whatever a visitor types, a store is given no text with a NUL or half of a surrogate pair in it, and none longer than 255 characters.
 * Two texts are the same only if all their code points are: not if they differ in case, in an accent, or in a blank at the end.
 * Every text that can be a username, an e-mail address, a name or a hash comes back as it went in, and every time to the
 * millisecond. Every method rejects if, and only if, the store cannot tell or cannot do it; absence is an answer, not an error.
 *
 * `describeUserStore` of `keepsake/testing` is this text as a test suite.
 */
export interface UserStore<Own extends object = object> {
  /**
   * The user with this id, username or e-mail address; null if there is none. Several users may have one e-mail address: then it
   * leads to nobody. A text that cannot be an id, such as a word where ids are numbers, is nobody's.
   */
  find(by: UserKey): Promise<UserRecord<Own> | null>
  /**
   * Stores a new user and gives their id, which no user ever had before. Null, and nothing stored, if the username is taken: of
   * several that create one username at the same time, one gets an id.
   */
  create(values: NewUserRecord<Own>): Promise<string | null>
  /**
   * Changes these fields, at least one, and no others. `sessionsValidFrom` never moves back: of the old and the new value, the greater one stays.
   * 'absent', and nothing changed, if there is no such user, or, with `ifPassword`, if the user has another password hash by now.
   * 'username-taken', and nothing changed, if another user has the new username.
   */
  update(
    id: string,
    changes: UserRecordChanges<Own>,
    options?: { readonly ifPassword?: string | undefined },
  ): Promise<'updated' | 'absent' | 'username-taken'>
  /** Removes the user and what rights they were given. False if there is no such user. */
  delete(id: string): Promise<boolean>
  /** At most `limit` users, in an order that never changes for those who are there, from the one after the user with the id `after`. */
  list(options: { readonly after?: string | undefined; readonly limit: number }): Promise<UserRecord<Own>[]>
  /** The user's groups and permissions, in the order of their names; none for a user who does not exist. A store without such things has none for anybody. */
  rightsOf(id: string): Promise<Rights>
}

/** Who can be given permissions: a user by their id, or a group by its name. */
export type Grantee = { readonly user: string } | { readonly group: string }

/** A group of users, who all have its permissions. */
export interface Group {
  readonly name: string
  readonly permissions: readonly string[]
}

/**
 * A store that keeps groups and permissions. A permission is a name of the program's choice, such as `blog.publish`. Names of groups
 * and permissions are texts of 1 to 150 characters, compared as usernames are.
 */
export interface UserGroups {
  /** Makes a group without permissions. False, and nothing changed, if there is one of this name. */
  createGroup(name: string): Promise<boolean>
  /** Removes the group, and with it what its users had through it. False if there is no such group. */
  deleteGroup(name: string): Promise<boolean>
  /** All groups with their permissions, both in the order of their names. */
  listGroups(): Promise<Group[]>
  /** Makes the user one of the group, also if they are already. False if there is no such user or no such group. */
  addToGroup(id: string, group: string): Promise<boolean>
  /** Ends it. Removing who is not in the group is not an error. */
  removeFromGroup(id: string, group: string): Promise<void>
  /** Gives a user, or all of a group, this permission, also if they have it already. False if there is no such user or group. */
  grant(to: Grantee, permission: string): Promise<boolean>
  /** Takes back what `grant` gave. Revoking what was not given is not an error. */
  revoke(from: Grantee, permission: string): Promise<void>
}
