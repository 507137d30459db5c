import { checkFunctions, invalidOption, refuseUnknown } from '../../values/check-options.ts'
import { isUsablePassword, unusablePassword } from '../passwords/unusable-password.ts'
import { fieldText, readProfile } from './profile.ts'
import {
  type Credentials,
  type NewUserRecord,
  type User,
  type UserRecord,
  type UserRecordChanges,
  withoutCredentials,
} from './user.ts'
import { isUserId } from './user-id.ts'
import type { UserProblem } from './user-problem.ts'
import type { Rights, UserKey, UserStore } from './user-store.ts'
import type { NewUser, Standing, UserChanges, UserEvent, UserResult, Users, UsersOptions } from './users.ts'

/**
 * The accounts of a site, with Django's rules, over any `UserStore`. `docs/users.md` has the details.
 *
 * @example
 * const users = createUsers({ store: databaseUsers(database), passwords: createPasswords() })
 * const { user, problems } = await users.create({ username: 'ada', email: 'ada@example.com', password })
 */
export function createUsers<Own extends object = object>(options: UsersOptions<Own>): Users<Own> {
  refuseUnknown(options, ['store', 'passwords', 'now', 'onEvent'], '')
  const { store, passwords, now = Date.now, onEvent = () => undefined } = options
  checkFunctions('store', store, ['find', 'create', 'update', 'delete', 'list', 'rightsOf'])
  checkFunctions('passwords', passwords, ['hash', 'check'])
  checkFunctions('the options', { now, onEvent }, ['now', 'onEvent'])
  return new StoredUsers({ store, passwords, now, onEvent })
}

class StoredUsers<Own extends object> implements Users<Own> {
  readonly #store: UserStore<Own>
  readonly #options: Required<UsersOptions<Own>>

  constructor(options: Required<UsersOptions<Own>>) {
    this.#store = options.store
    this.#options = options
  }

  create(values: NewUser<Own>): Promise<UserResult<Own>> {
    return this.#add(values, { isStaff: false, isSuperuser: false })
  }

  async createSuperuser(values: NewUser<Own> & Standing): Promise<UserResult<Own>> {
    for (const name of ['isStaff', 'isSuperuser'] as const) {
      if (values[name] !== undefined && values[name] !== true) {
        throw invalidOption(`createSuperuser: ${name}`, `is ${JSON.stringify(values[name])}; it must be true`)
      }
    }
    return this.#add(values, { isStaff: true, isSuperuser: true })
  }

  async find(by: UserKey): Promise<(User & Own) | null> {
    const key = readKey(by)
    const record = key && (await this.#store.find(key))
    return record && withoutCredentials<Own>(record)
  }

  async list({ after, limit = 100 }: { after?: string | undefined; limit?: number } = {}): Promise<(User & Own)[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
      throw invalidOption('limit', `is ${JSON.stringify(limit)}, not a whole number from 1 to 1000`)
    }
    const records = await this.#store.list({ after, limit })
    return records.map(record => withoutCredentials<Own>(record))
  }

  async update(id: string, changes: UserChanges<Own>): Promise<UserResult<Own>> {
    const { profile, problems } = readProfile(changes)
    if (problems.length > 0) return { user: null, problems }
    const all = { ...ownFields(changes), ...profile } as unknown as UserRecordChanges<Own>
    if (Object.keys(all).length > 0) {
      const outcome = isUserId(id) ? await this.#store.update(id, all) : 'absent'
      if (outcome === 'username-taken') return { user: null, problems: [taken] }
      if (outcome === 'updated') this.#tell('user-updated', id)
    }
    return this.#result(id)
  }

  async setStanding(id: string, { isStaff, isSuperuser }: Standing): Promise<boolean> {
    const standing = { ...(isStaff !== undefined && { isStaff }), ...(isSuperuser !== undefined && { isSuperuser }) }
    const wrong = Object.entries(standing).find(([, value]) => typeof value !== 'boolean')
    if (wrong) throw invalidOption(`setStanding: ${wrong[0]}`, 'is neither true nor false')
    if (Object.keys(standing).length === 0) return (await this.find({ id })) !== null
    return this.#change(id, standing, 'user-standing-changed')
  }

  async setPassword(id: string, password: string): Promise<UserResult<Own>> {
    const user = await this.find({ id })
    if (!user) return { user: null, problems: [unknown] }
    const problems = await this.#passwordProblems(password, user)
    if (problems.length > 0) return { user: null, problems }
    const hash = await this.#options.passwords.hash(password)
    await this.#endSessions(id, { password: hash }, 'password-changed')
    return this.#result(id)
  }

  setUnusablePassword(id: string): Promise<boolean> {
    return this.#endSessions(id, { password: unusablePassword() }, 'password-changed')
  }

  async hasUsablePassword(id: string): Promise<boolean | null> {
    const record = isUserId(id) ? await this.#store.find({ id }) : null
    return record && isUsablePassword(record.password)
  }

  activate(id: string): Promise<boolean> {
    return this.#change(id, { isActive: true }, 'user-activated')
  }

  deactivate(id: string): Promise<boolean> {
    return this.#endSessions(id, { isActive: false }, 'user-deactivated')
  }

  async delete(id: string): Promise<boolean> {
    const isDeleted = isUserId(id) && (await this.#store.delete(id))
    if (isDeleted) this.#tell('user-deleted', id)
    return isDeleted
  }

  async rightsOf(id: string): Promise<Rights> {
    return isUserId(id) ? this.#store.rightsOf(id) : { groups: [], permissions: [] }
  }

  async #add(values: NewUser<Own>, standing: Required<Standing>): Promise<UserResult<Own>> {
    const { username = '', email = '', firstName = '', lastName = '', password } = values
    const { profile, problems } = readProfile({ username, email, firstName, lastName })
    const hasPassword = password !== undefined && password !== null
    if (hasPassword) problems.push(...(await this.#passwordProblems(password, profile)))
    if (problems.length > 0) return { user: null, problems }
    const record = {
      ...ownFields(values),
      ...profile,
      ...standing,
      password: hasPassword ? await this.#options.passwords.hash(password) : unusablePassword(),
      isActive: true,
      joinedAt: new Date(this.#options.now()),
      lastLoginAt: null,
      sessionsValidFrom: 0,
    }
    const id = await this.#store.create(record as unknown as NewUserRecord<Own>)
    if (id === null) return { user: null, problems: [taken] }
    this.#tell('user-created', id)
    return this.#result(id)
  }

  /** The number is greater than that of any session, also within one millisecond and when the clock was set back. */
  async #endSessions(id: string, changes: Partial<User & Credentials>, type: UserEvent['type']): Promise<boolean> {
    const record = isUserId(id) ? await this.#store.find({ id }) : null
    if (!record) return false
    const sessionsValidFrom = Math.max(this.#options.now(), record.sessionsValidFrom + 1)
    return this.#change(id, { ...changes, sessionsValidFrom }, type)
  }

  async #passwordProblems(password: string, user: object): Promise<UserProblem[]> {
    const problems = await this.#options.passwords.check(password, { user })
    return problems.map(problem => ({ field: 'password', ...problem }))
  }

  async #change(id: string, changes: Partial<User & Credentials>, type: UserEvent['type']): Promise<boolean> {
    const outcome = isUserId(id) ? await this.#store.update(id, changes as UserRecordChanges<Own>) : 'absent'
    if (outcome === 'updated') this.#tell(type, id)
    return outcome === 'updated'
  }

  async #result(id: string): Promise<UserResult<Own>> {
    const user = await this.find({ id })
    return user ? { user, problems: [] } : { user: null, problems: [unknown] }
  }

  /** A listener that throws does not undo what was done. */
  #tell(type: UserEvent['type'], userId: string): void {
    try {
      this.#options.onEvent({ type, userId })
    } catch (error) {
      console.warn(`keepsake: onEvent threw at ${type}:`, error)
    }
  }
}

const taken: UserProblem = { field: 'username', code: 'taken', message: 'This username is taken.' }
const unknown: UserProblem = { field: 'id', code: 'unknown', message: 'There is no such user.' }

/** The key as stores have it; null for what leads to nobody, so that no store sees clients' garbage. */
function readKey(by: UserKey): UserKey | null {
  if ('id' in by) return isUserId(by.id) ? { id: by.id } : null
  if ('username' in by) {
    const username = fieldText('username', by.username)
    return username === null ? null : { username }
  }
  const email = fieldText('email', by.email)
  // Without this, whoever asks for no address would get the one user who has none.
  return email ? { email } : null
}

/** Every built-in field: a form that was passed on as it came must not make its sender staff. */
const builtIn: Readonly<Record<keyof UserRecord, true>> = {
  ...{ id: true, username: true, email: true, firstName: true, lastName: true, isActive: true, isStaff: true },
  ...{ isSuperuser: true, joinedAt: true, lastLoginAt: true, password: true, sessionsValidFrom: true },
}

function ownFields(values: object): object {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => !Object.hasOwn(builtIn, name) && value !== undefined),
  )
}
