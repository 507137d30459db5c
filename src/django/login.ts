import type { UserRecord } from '../auth/users/user.ts'
import type { UserStore } from '../auth/users/user-store.ts'
import type { SessionFacts } from '../session/codec.ts'
import type { RotateOptions } from '../session/session.ts'
import { createCsrfSecret } from './csrf-token.ts'
import type { DjangoSecrets } from './salted-hmac.ts'
import { authKeys, checkSessionAuthHash, planLogin, sessionAuthHash } from './session-auth.ts'
import { unknownBackend } from './sessions/user-facts.ts'

/** What logging in and out needs of a session. */
export interface LoginSession {
  readonly userId: string | null
  readonly facts: SessionFacts
  clear(): void
  setExpiry(when: 'default'): void
  rotate(options?: RotateOptions): void
  destroy(): void
}

/** What a login needs beside the session and the user. */
export interface DjangoLoginOptions extends DjangoSecrets {
  /** Where the login is noted, as Django does: a reset link that was sent before is void then. */
  readonly users: Pick<UserStore, 'update'>
  /** The time in ms since 1970. @default Date.now() */
  readonly now?: number
}

/** What a login leaves to the program. */
export interface DjangoLoggedIn {
  /** A new CSRF secret, which takes the place of the visitor's: for `csrfCookie`, or with `CSRF_USE_SESSIONS` the key `_csrftoken`. */
  readonly csrfSecret: string
}

/**
 * Logs a user in, on both sides: another user's data goes, an anonymous visitor's stays, and the key is a new one. Matches
 * `django.contrib.auth.login`, but for the key of a user who was logged in already, which Django keeps.
 *
 * @example
 * const record = await users.find({ username })
 * const { valid } = await passwords.verify(password, record?.password)
 * if (record && valid && record.isActive) await djangoLogin(await sessions.of(request), record, { secretKey, users })
 */
export async function djangoLogin(
  session: LoginSession,
  user: Pick<UserRecord, 'id' | 'password'>,
  { secretKey, users, now = Date.now() }: DjangoLoginOptions,
  facts: SessionFacts = {},
): Promise<DjangoLoggedIn> {
  const { userId, facts: found } = session
  const before = new Map<string, unknown>()
  if (userId !== null) before.set(authKeys.id, userId).set(authKeys.hash, found.authHash)
  const plan = planLogin(before, { ...user, backend: '' }, secretKey)
  if (plan.before === 'flush') {
    session.clear()
    session.setExpiry('default')
  }
  session.rotate({ userId: user.id, facts: { ...facts, authHash: plan.values[authKeys.hash] } })
  await users.update(user.id, { lastLoginAt: new Date(now) })
  return { csrfSecret: createCsrfSecret() }
}

/**
 * Keeps this session of a user whose password was changed just now; all others of the user end. `user` has the new hash. Matches
 * `django.contrib.auth.update_session_auth_hash`.
 */
export function djangoPasswordChanged(
  session: LoginSession,
  { id, password }: Pick<UserRecord, 'id' | 'password'>,
  { secretKey }: DjangoSecrets,
): void {
  if (session.userId !== id) return
  session.rotate({ facts: { ...session.facts, authHash: sessionAuthHash(password, secretKey) } })
}

/**
 * Who is logged in, on whichever side they did; null for nobody. A session of a password that is not the user's any more ends
 * here, as it does in Django; one of a backend that the site does not have is left alone. Matches `django.contrib.auth.get_user`,
 * the fallback keys included.
 */
export async function djangoUser(
  session: LoginSession,
  users: Pick<UserStore, 'find'>,
  secrets: DjangoSecrets,
): Promise<UserRecord | null> {
  const { userId, facts } = session
  if (userId === null || facts.how === unknownBackend) return null
  const record = await users.find({ id: userId })
  // Who is not active may be so again: Django leaves the session.
  if (!record?.isActive) return null
  const found = checkSessionAuthHash(facts.authHash, record.password, secrets)
  if (found === null) session.destroy()
  else if (found === 'fallback') djangoPasswordChanged(session, record, secrets)
  return found && record
}

/** Ties sessions to passwords as Django does. */
export function djangoAuthHash(secrets: DjangoSecrets): {
  of(encodedPassword: string): string
  matches(hash: unknown, encodedPassword: string): boolean
} {
  return {
    of: encoded => sessionAuthHash(encoded, secrets.secretKey),
    matches: (hash, encoded) => checkSessionAuthHash(hash, encoded, secrets) !== null,
  }
}
