/** Someone with an account: Django's built-in fields. What a program sees; it never holds the password. */
export interface User {
  /** The store's key as a text, whatever type the key has there. */
  readonly id: string
  /** In Unicode's form NFKC, at most 150 characters: letters, digits and `@.+-_`. Two that differ in case are two. */
  readonly username: string
  /** Empty if none is known. Its domain is in lower case. Several users may have the same. */
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  /** Users who are not can do nothing. Deactivate users instead of deleting them, where other data refers to them. */
  readonly isActive: boolean
  /** Whether they may see what is for the site's staff. */
  readonly isStaff: boolean
  /** Whether they have every permission without being given it. */
  readonly isSuperuser: boolean
  readonly joinedAt: Date
  readonly lastLoginAt: Date | null
}

/** What a store keeps of a user beside, and pages do not see. */
export interface Credentials {
  /** The password's hash, as `passwords.hash` made it, or a text that no password fits. */
  readonly password: string
  /** Sessions that began earlier than this, in ms since 1970, are void. 0 at first. */
  readonly sessionsValidFrom: number
}

/** A user as a store keeps them. `Own` are the program's own fields. */
export type UserRecord<Own extends object = object> = User & Credentials & Own

/** A user who has no id yet. */
export type NewUserRecord<Own extends object = object> = Omit<User, 'id'> & Credentials & NewOwn<Own>

/** Fields of a record to be changed. */
export type UserRecordChanges<Own extends object = object> = Partial<Omit<User, 'id'> & Credentials & Own>

/** The own fields of a new user: those that may be null may be left out, and are null then. */
export type NewOwn<Own extends object> = {
  [Field in keyof Own as null extends Own[Field] ? never : Field]: Own[Field]
} & {
  [Field in keyof Own as null extends Own[Field] ? Field : never]?: Own[Field]
}

/** What a program may see of a record: all but the credentials. */
export function withoutCredentials<Own extends object>(record: UserRecord<Own>): User & Own {
  const { password: _, sessionsValidFrom: __, ...user } = record
  return user as unknown as User & Own
}
