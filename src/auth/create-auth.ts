import { resolveCookie } from '../cookies/cookie-options.ts'
import { keyRing } from '../crypto/key-ring.ts'
import { checkFunctions, invalidOption, refuseUnknown } from '../values/check-options.ts'
import { type Duration, durationMs } from '../values/duration.ts'
import { Deadline } from '../waiting/deadline.ts'
import { Auth } from './auth.ts'
import { type AuthCore, exchangeFor } from './auth-core.ts'
import { type AuthEvent, reporter } from './auth-events.ts'
import { type AuthHash, authHashWith } from './auth-hash.ts'
import type { AuthSessions } from './auth-sessions.ts'
import type { AuthBackend } from './authenticate.ts'
import { checkedOrigins } from './cross-site/check-origin.ts'
import type { SessionLimit } from './devices/session-limit.ts'
import { guardedStore } from './guarded-store.ts'
import { type MailOptions, resolveMailOptions } from './mail/mail-options.ts'
import type { PasswordOptions } from './passwords/options.ts'
import { createPasswords, type Passwords } from './passwords/passwords.ts'
import { createRemember, type RememberOptions } from './remember/remember.ts'
import type { ThrottleOptions } from './throttle/options.ts'
import { createThrottle } from './throttle/throttle.ts'
import { createUsers } from './users/create-users.ts'
import type { UserStore } from './users/user-store.ts'

/** Options of `createAuth`. All but the first three have a safe default. */
export interface AuthOptions<Own extends object = object> {
  /** What `createSessions` gave. */
  readonly sessions: AuthSessions
  /** Where users rest: `databaseUsers(database)`, `memoryUsers()`, or a table of yours behind a `UserStore`. */
  readonly users: UserStore<Own>
  /** Texts of 32 bytes or more; the first one signs, all verify. For form tokens, known devices, and to tie sessions to passwords. */
  readonly secrets: string | readonly string[]
  /** What ties a session to its password. `djangoAuthHash` of `keepsake/django` for sessions that Django reads too. @default an HMAC under `secrets` */
  readonly authHash?: AuthHash
  /** How passwords are hashed and what is asked of new ones, or what `createPasswords` gave. @default argon2id */
  readonly passwords?: PasswordOptions | Passwords
  /** "Remember me": where browsers are remembered, such as the store of the sessions. @default nobody is remembered */
  readonly remember?: Omit<RememberOptions, 'now'>
  /** How guessing is slowed down; false: not at all. @default counters in this process */
  readonly throttle?: Omit<ThrottleOptions, 'now'> | false
  /**
   * How to find out who somebody is, asked in this order; `'password'` is the user's own. Attempts with a `username` are throttled;
   * a backend that asks for something else counts them itself. @default ['password']
   */
  readonly backends?: readonly (AuthBackend | 'password')[]
  /** How many sessions a user may have at a time. Needs sessions that can be listed. @default no limit */
  readonly sessionLimit?: SessionLimit
  /** How links are mailed, for a new password and a new address. @default none are */
  readonly mail?: MailOptions
  /** How long ago a proof may be for `requireFresh`. @default '15m' */
  readonly freshFor?: Duration
  /** @default '/login' */
  readonly loginPath?: string
  /** The site's own origins, where its `Host` header does not tell them: `['https://app.example.com']`. */
  readonly origins?: readonly string[]
  /** Other origins whose pages may send forms here. @default none */
  readonly trustedOrigins?: readonly string[]
  /** Whether pages of all other hosts of the registrable domain may, too: `https://shop.example.com` for `https://example.com`. @default false */
  readonly trustSameSite?: boolean
  /** Whether the cookies of this part are `Secure`, as `cookie.secure` of `createSessions`. @default true */
  readonly secure?: boolean | 'never'
  /**
   * What the names of this part's cookies begin with, for several `createAuth` on one host: `'office-'`. They are `remember`, `device`,
   * `reset` and `confirm`. @default ''
   */
  readonly cookiePrefix?: string
  /** The client's address, where the framework does not tell it. Trust `X-Forwarded-For` from your own proxy only. */
  readonly clientAddress?: (request: never) => string | null | undefined
  /** The time in ms since 1970. @default Date.now */
  readonly clock?: () => number
  /** Gets what happens; the channel `keepsake:auth` of `node:diagnostics_channel` gets it too. @default none */
  readonly onEvent?: (event: AuthEvent) => void
}

const known: readonly (keyof AuthOptions)[] = [
  ...([
    'sessions',
    'users',
    'secrets',
    'authHash',
    'passwords',
    'remember',
    'throttle',
    'backends',
    'sessionLimit',
  ] as const),
  ...([
    'mail',
    'freshFor',
    'loginPath',
    'origins',
    'trustedOrigins',
    'trustSameSite',
    'secure',
    'cookiePrefix',
    'clientAddress',
    'clock',
    'onEvent',
  ] as const),
]

/**
 * Accounts for these sessions: who somebody is, logging in and out, "remember me", devices, permissions.
 *
 * Throws at once for options that are unsafe or contradict each other.
 *
 * @example
 * const users = databaseUsers(database)
 * const auth = createAuth({ sessions, users, secrets: [process.env.SECRET], remember: { store } })
 *
 * const { user } = await auth.authenticate(request, { username, password })
 * if (user) await auth.login(request, user, { remember: true })
 */
export function createAuth<Own extends object = object>(options: AuthOptions<Own>): Auth<Own> {
  refuseUnknown(options, known, '')
  const { sessions, users, clock: now = Date.now, onEvent = () => undefined } = options
  checkFunctions('sessions', sessions, ['of'])
  checkFunctions('users', users, ['find', 'create', 'update', 'delete', 'list', 'rightsOf'])
  checkFunctions('the options', { now, onEvent }, ['now', 'onEvent'])
  const report = reporter(onEvent)
  const store = guardedStore(users, new Deadline(2000))
  const passwords = passwordsOf(options.passwords)
  const keys = keysAndCookies(options)
  const core: AuthCore<Own> = {
    ...{ sessions, store, passwords, now, report },
    ...keys,
    ...origins(options),
    backends: checkedBackends(options.backends),
    remember: options.remember ? createRemember({ ...options.remember, now }) : null,
    throttle: options.throttle === false ? null : createThrottle({ ...options.throttle, now }),
    limit: limitOf(options),
    mail: options.mail ? resolveMailOptions(options.mail, keys.ring, now) : null,
    freshForMs: durationMs(options.freshFor ?? '15m', 'freshFor'),
    clientAddress: addressReader(options.clientAddress),
    deadline: new Deadline(2000),
  }
  return new Auth(core, createUsers({ store, passwords, now, onEvent: report }))
}

function passwordsOf(passwords: PasswordOptions | Passwords = {}): Passwords {
  return 'verify' in passwords ? passwords : createPasswords(passwords)
}

function checkedBackends(backends: AuthCore['backends'] = ['password']): AuthCore['backends'] {
  if (backends.length === 0) throw invalidOption('backends', 'is empty, so nobody could log in')
  for (const backend of backends) {
    if (backend !== 'password') checkFunctions(`the backend ${backend?.name}`, backend, ['authenticate'])
  }
  return backends
}

function keysAndCookies({
  secrets,
  authHash,
  secure: chosen = true,
  cookiePrefix = '',
}: Omit<AuthOptions, 'users'>): Pick<AuthCore, 'ring' | 'authHash' | 'secure' | 'cookieNames'> {
  const ring = keyRing(secrets)
  const { secure } = resolveCookie({ secure: chosen }).cookieAttributes
  if (!/^[\w-]{0,100}$/.test(cookiePrefix)) {
    throw invalidOption('cookiePrefix', `is ${JSON.stringify(cookiePrefix)}, not letters, digits, - and _`)
  }
  const name = (purpose: string): string => `${secure ? '__Host-' : ''}${cookiePrefix}${purpose}`
  const cookieNames = {
    ...{ remember: name('remember'), device: name('device') },
    ...{ reset: name('reset'), confirm: name('confirm') },
  }
  return { ring, authHash: authHash ?? authHashWith(ring), secure, cookieNames }
}

function origins({
  origins: own,
  trustedOrigins = [],
  trustSameSite = false,
  loginPath = '/login',
}: Omit<AuthOptions, 'users'>): Pick<AuthCore, 'origins' | 'trustedOrigins' | 'trustSameSite' | 'loginPath'> {
  if (!loginPath.startsWith('/') || loginPath.startsWith('//')) {
    throw invalidOption('loginPath', `is ${JSON.stringify(loginPath)}, which is no path of this site`)
  }
  return {
    origins: own ? checkedOrigins('origins', own) : null,
    trustedOrigins: checkedOrigins('trustedOrigins', trustedOrigins),
    trustSameSite,
    loginPath,
  }
}

function limitOf({ sessionLimit, sessions }: Omit<AuthOptions, 'users'>): SessionLimit | null {
  if (!sessionLimit) return null
  const { most, whenFull } = sessionLimit
  if (!Number.isSafeInteger(most) || most < 1) throw invalidOption('sessionLimit.most', `is ${most}, not 1 or more`)
  if (whenFull !== 'evict-oldest' && whenFull !== 'reject') {
    throw invalidOption('sessionLimit.whenFull', `is ${JSON.stringify(whenFull)}, not 'evict-oldest' or 'reject'`)
  }
  if (sessions.list && sessions.revoke) return sessionLimit
  throw invalidOption('sessionLimit', 'needs sessions that can be listed: a store with an index')
}

function addressReader(read: AuthOptions['clientAddress']): (request: object) => string | null {
  return request => (read ? read(request as never) : exchangeFor(request).address) ?? null
}
