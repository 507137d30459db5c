import type { Passwords } from '../passwords/passwords.ts'
import type { NewOwn, User } from './user.ts'
import type { TextField, UserProblem } from './user-problem.ts'
import type { Rights, UserKey, UserStore } from './user-store.ts'

/** What a sign-up form gives. Further built-in fields, such as `isStaff`, are not taken from it. */
export type NewUser<Own extends object = object> = {
  readonly username: string
  readonly email?: string | undefined
  readonly firstName?: string | undefined
  readonly lastName?: string | undefined
  /** Without one, or with null, no password lets the user in: they log in by other means. */
  readonly password?: string | null | undefined
} & NewOwn<Own>

/** What a profile form gives. */
export type UserChanges<Own extends object = object> = {
  readonly [Field in TextField]?: string | undefined
} & Partial<Own>

/** What users may see and do beside the public, which no form gives. */
export type Standing = Partial<Pick<User, 'isStaff' | 'isSuperuser'>>

/** The user as they are stored now; or null, with what is wrong with the values, and nothing stored. */
export type UserResult<Own extends object = object> =
  | { readonly user: User & Own; readonly problems: readonly [] }
  | { readonly user: null; readonly problems: readonly UserProblem[] }

/** Something that was done to a user's account. None of these has a name, an address or a password. */
export type UserEvent = {
  readonly type:
    | 'user-created'
    | 'user-updated'
    | 'user-deleted'
    | 'user-activated'
    | 'user-deactivated'
    | 'user-standing-changed'
    | 'password-changed'
  readonly userId: string
}

/** Options of `createUsers`. */
export interface UsersOptions<Own extends object = object> {
  /** Where users rest: `databaseUsers(database)`, `memoryUsers()`, or a table of yours. */
  readonly store: UserStore<Own>
  /** Checks and hashes new passwords: `createPasswords()`. */
  readonly passwords: Pick<Passwords, 'hash' | 'check'>
  /** The time in ms since 1970. @default Date.now */
  readonly now?: () => number
  /** Gets what was done, after it was done. @default none */
  readonly onEvent?: (event: UserEvent) => void
}

/** The accounts of a site. */
export interface Users<Own extends object = object> {
  /**
   * Makes a user, who is active, and neither staff nor a superuser. What is wrong with the values, among it a username that is
   * taken and a password that is too weak, is in `problems`.
   *
   * @example
   * const { user, problems } = await users.create({ username, email, password })
   * if (!user) return signUpPage(problems)
   */
  create(values: NewUser<Own>): Promise<UserResult<Own>>
  /** Makes an active user who is staff and a superuser. Throws `OPTION_INVALID` for `isStaff: false` or `isSuperuser: false`. */
  createSuperuser(values: NewUser<Own> & Standing): Promise<UserResult<Own>>
  /** The user, in or out of activity; null if there is none. Username and e-mail address may be as somebody typed them. */
  find(by: UserKey): Promise<(User & Own) | null>
  /** At most `limit` users (1 to 1000, by default 100), from the one after the id `after`; an empty list after the last. */
  list(options?: { readonly after?: string | undefined; readonly limit?: number }): Promise<(User & Own)[]>
  /** Changes what is given: a profile and own fields. What else is in `changes` is left alone. */
  update(id: string, changes: UserChanges<Own>): Promise<UserResult<Own>>
  /** Makes a user staff or a superuser, or ends it. False if there is no such user. */
  setStanding(id: string, standing: Standing): Promise<boolean>
  /** Checks and stores a new password, and ends the sessions that began before. */
  setPassword(id: string, password: string): Promise<UserResult<Own>>
  /** From now on no password lets the user in; sessions that began before end. False if there is no such user. */
  setUnusablePassword(id: string): Promise<boolean>
  /** Whether there is a password that lets the user in. Null if there is no such user. */
  hasUsablePassword(id: string): Promise<boolean | null>
  /** Lets the user in again. False if there is no such user. */
  activate(id: string): Promise<boolean>
  /** Locks the user out and ends their sessions; their data stays. False if there is no such user. */
  deactivate(id: string): Promise<boolean>
  /** Removes the user. False if there is no such user. Other tables that refer to them are the program's own. */
  delete(id: string): Promise<boolean>
  /** The user's groups and permissions, for `hasPermission`. */
  rightsOf(id: string): Promise<Rights>
}
