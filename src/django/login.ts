import type { UserRecord } from '../auth/users/user.ts'
import type { UserStore } from '../auth/users/user-store.ts'
import type { SessionFacts } from '../session/codec.ts'
import type { RotateOptions } from '../session/session.ts'
import { constantTimeEqual, type DjangoSecrets } from './salted-hmac.ts'
import { checkSessionAuthHash, sessionAuthHash } from './session-auth.ts'

/** What logging in and out needs of a session. */
export interface LoginSession {
  readonly userId: string | null
  readonly facts: SessionFacts
  clear(): void
  setExpiry(when: 'default'): void
  rotate(options?: RotateOptions): void
  destroy(): void
}

/**
 * Logs a user in, on both sides: another user's data goes, an anonymous visitor's stays, and the key is a new one. Matches
 * `django.contrib.auth.login`, but for the key of a user who was logged in already, which Django keeps.
 *
 * @example
 * const record = await users.find({ username })
 * const { valid } = await passwords.verify(password, record?.password)
 * if (record && valid && record.isActive) djangoLogin(await sessions.of(request), record, { secretKey })
 */
export function djangoLogin(
  session: LoginSession,
  user: Pick<UserRecord, 'id' | 'password'>,
  { secretKey }: DjangoSecrets,
  facts: SessionFacts = {},
): void {
  const authHash = sessionAuthHash(user.password, secretKey)
  const isSame = session.userId === user.id && constantTimeEqual(String(session.facts.authHash ?? ''), authHash)
  if (session.userId !== null && !isSame) {
    session.clear()
    session.setExpiry('default')
  }
  session.rotate({ userId: user.id, facts: { ...facts, authHash } })
}

/**
 * Who is logged in, on whichever side they did; null for nobody. A session of a password that is not the user's any more ends
 * here, as it does in Django. Matches `django.contrib.auth.get_user`, the fallback keys included.
 */
export async function djangoUser(
  session: LoginSession,
  users: Pick<UserStore, 'find'>,
  secrets: DjangoSecrets,
): Promise<UserRecord | null> {
  const { userId, facts } = session
  const record = userId === null ? null : await users.find({ id: userId })
  // Who is not active may be so again: Django leaves the session.
  if (!record?.isActive) return null
  const found = checkSessionAuthHash(facts.authHash, record.password, secrets)
  if (found === null) session.destroy()
  else if (found === 'fallback') {
    session.rotate({ facts: { ...facts, authHash: sessionAuthHash(record.password, secrets.secretKey) } })
  }
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
