import { type AuthCore, findUser } from './auth-core.ts'
import type { AuthEvent } from './auth-events.ts'
import { knownDevice } from './devices/known-device.ts'
import { proved } from './proof.ts'
import type { Admission, LoginAttempt } from './throttle/throttle.ts'
import { fieldText } from './users/profile.ts'
import type { User, UserRecord } from './users/user.ts'

/** What a login form gives. Backends of the program may ask for other fields. */
export type LoginCredentials = Readonly<Record<string, unknown>>

/** A way to find out who somebody is: a code, a directory, a certificate. */
export interface AuthBackend {
  /** What the session notes as `how`. */
  readonly name: string
  /**
   * The id of the user whom the credentials prove; null: ask the next backend; 'denied': nobody is to be let in.
   * Rejects only if it cannot tell.
   */
  authenticate(credentials: LoginCredentials, request: object): Promise<string | null | 'denied'>
}

/** Who logged in; or nobody, and all that the visitor may be told of why. */
export type Authentication<Own extends object = object> =
  | { readonly user: User & Own; readonly reason: null }
  /** Unknown, wrong, or closed: the answer and its time are the same. */
  | { readonly user: null; readonly reason: 'invalid' }
  | { readonly user: null; readonly reason: 'throttled'; readonly retryAfterMs: number }

/** Why an attempt failed, for logs. */
type Refusal = Extract<AuthEvent, { type: 'login-failed' }>['reason']

/** One try to log in, as each backend sees it. */
interface Try<Own extends object> {
  readonly request: object
  readonly credentials: LoginCredentials
  /** Whom the username names. */
  readonly named: UserRecord<Own> | null
}

/**
 * Who the credentials prove the visitor to be. Counts the attempt before anything is hashed or asked. Whatever a client sends is an
 * answer; rejects only if a store cannot tell.
 */
export async function authenticate<Own extends object>(
  core: AuthCore<Own>,
  request: object,
  credentials: LoginCredentials = {},
): Promise<Authentication<Own>> {
  const { username, password } = credentials
  const at = core.now()
  const backends = core.backends.filter(one => one !== 'password' || (isGiven(username) && isGiven(password)))
  // Nothing to try, so nothing is looked up, counted or hashed.
  if (backends.length === 0) return invalid
  const named = isGiven(username) ? await findByName(core, username) : null
  const attempt = isGiven(username) ? attemptOf(core, request, username, named) : null
  const admission = await admit(core, attempt)
  if (!admission.allowed) return { user: null, reason: 'throttled', retryAfterMs: admission.retryAfterMs }
  const found = await askInOrder(core, backends, { request, credentials, named })
  if ('refusal' in found) {
    core.report({ type: 'login-failed', reason: found.refusal })
    return invalid
  }
  if (attempt) await core.throttle?.succeeded(attempt)
  return { user: proved<Own>(found.record, { at, how: found.how }), reason: null }
}

const invalid = { user: null, reason: 'invalid' } as const

/** Whom the first backend proves that knows; else why not, as the first one has it: of one attempt, one thing is told. */
async function askInOrder<Own extends object>(
  core: AuthCore<Own>,
  backends: AuthCore['backends'],
  attempt: Try<Own>,
): Promise<{ readonly record: UserRecord<Own>; readonly how: string } | { readonly refusal: Refusal }> {
  const refusals: Refusal[] = []
  for (const backend of backends) {
    const found = await (backend === 'password' ? byPassword(core, attempt) : by(core, backend, attempt))
    if (found === 'denied') return { refusal: 'refused' }
    if (typeof found !== 'string') return { record: found, how: backend === 'password' ? backend : backend.name }
    refusals.push(found)
  }
  return { refusal: refusals[0] ?? 'refused' }
}

/** Whether the user of this request knows their password: to change it, or to do what needs a fresh proof. Counted as a login is. */
export async function provesPassword(
  core: AuthCore,
  request: object,
  record: UserRecord,
  password: string,
): Promise<{ readonly proved: boolean; readonly retryAfterMs: number | null }> {
  const attempt = attemptOf(core, request, record.username, record)
  const admission = await admit(core, attempt)
  if (!admission.allowed) return { proved: false, retryAfterMs: admission.retryAfterMs }
  const { valid } = await core.passwords.verify(password, record.password)
  if (valid) await core.throttle?.succeeded(attempt)
  return { proved: valid, retryAfterMs: null }
}

function isGiven(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Stores are given no text that cannot be a username (CVE-2016-4423). */
async function findByName<Own extends object>(core: AuthCore<Own>, typed: string): Promise<UserRecord<Own> | null> {
  const username = fieldText('username', typed)
  return username === null ? null : findUser(core, { username })
}

function attemptOf(core: AuthCore, request: object, account: string, record: UserRecord | null): LoginAttempt {
  return { account, address: core.clientAddress(request), knownDevice: knownDevice(core, request, record?.id) }
}

async function admit({ throttle, report }: AuthCore, attempt: LoginAttempt | null): Promise<Admission> {
  const admission = attempt && throttle ? await throttle.attempt(attempt) : ({ allowed: true } as const)
  if (!admission.allowed) report({ type: 'login-throttled', retryAfterMs: admission.retryAfterMs })
  return admission
}

async function byPassword<Own extends object>(
  core: AuthCore<Own>,
  { credentials, named }: Try<Own>,
): Promise<UserRecord<Own> | Refusal> {
  const password = String(credentials.password)
  const { valid, rehash } = await core.passwords.verify(password, named?.password)
  // Also for an account that is closed: its time is no other.
  const encoded = rehash ? await core.passwords.rehash(password) : null
  if (named?.isActive && valid) return encoded === null ? named : rehashed(core, named, password, encoded)
  return !named ? 'unknown' : valid ? 'inactive' : 'wrong'
}

async function by<Own extends object>(
  core: AuthCore<Own>,
  backend: AuthBackend,
  { credentials, request }: Try<Own>,
): Promise<UserRecord<Own> | Refusal | 'denied'> {
  const id = await backend.authenticate(credentials, request)
  if (id === 'denied') return id
  const record = id === null ? null : await findUser(core, { id })
  return record?.isActive ? record : 'refused'
}

/** Keeps the new hash. If another login did that meanwhile, or the password was changed: what is stored stays. */
async function rehashed<Own extends object>(
  core: AuthCore<Own>,
  record: UserRecord<Own>,
  password: string,
  encoded: string,
): Promise<UserRecord<Own>> {
  const changes = { password: encoded } as Partial<UserRecord<Own>>
  const done = await core.store.update(record.id, changes, { ifPassword: record.password })
  if (done === 'updated') return { ...record, password: encoded }
  const stored = (await findUser(core, { id: record.id }))?.password
  // The session is tied to what is stored, if it is the same password. When the proof was begun does not change by that.
  return (await core.passwords.verify(password, stored)).valid && stored ? { ...record, password: stored } : record
}
