import {
  constantTimeEqual,
  type DjangoSecrets,
  type HashAlgorithm,
  type Secret,
  saltedHmac,
  verifyingKeys,
} from './salted-hmac.ts'

/** The keys under which Django keeps in a session who is logged in. */
export const authKeys = { id: '_auth_user_id', backend: '_auth_user_backend', hash: '_auth_user_hash' } as const

const hashSalt = 'django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash'

/**
 * The hash that ties a session to the user's password: after a change of password it is another, and the sessions that
 * hold the old one end. Matches `AbstractBaseUser.get_session_auth_hash`; `password` is the column, not what the user types.
 */
export function sessionAuthHash(password: string, secretKey: Secret, algorithm: HashAlgorithm = 'sha256'): string {
  return saltedHmac(hashSalt, password, secretKey, algorithm).toString('hex')
}

/**
 * Whether a session's hash is the user's: `current`; `fallback`, made with a key that was rotated away, so that the session
 * needs a new key and the new hash; or null, upon which Django ends the session. Matches `django.contrib.auth.get_user`.
 */
export function checkSessionAuthHash(
  hash: unknown,
  password: string,
  secrets: DjangoSecrets,
): 'current' | 'fallback' | null {
  if (typeof hash !== 'string' || hash === '') return null
  const at = verifyingKeys(secrets).findIndex(key => constantTimeEqual(hash, sessionAuthHash(password, key)))
  if (at === -1) return null
  return at === 0 ? 'current' : 'fallback'
}

/** The user who logs in: the primary key as text, the `password` column, and the backend that knew the user. */
export interface LoginUser {
  readonly id: string
  readonly password: string
  readonly backend: string
}

/** What a login does to a session before it sets `values`: new key and no data, new key, or nothing. */
export interface LoginPlan {
  readonly before: 'flush' | 'cycle' | 'keep'
  /** To be set in this order. */
  readonly values: Readonly<Record<(typeof authKeys)[keyof typeof authKeys], string>>
}

/**
 * What a login has to do. Another user's data never passes to this one; an anonymous visitor's does, under a new key, so
 * that a key which was planted leads nowhere. Matches `django.contrib.auth.login`.
 */
export function planLogin(
  session: { readonly get: (key: string) => unknown },
  user: LoginUser,
  secretKey: Secret,
): LoginPlan {
  const hash = sessionAuthHash(user.password, secretKey)
  const values = { _auth_user_id: user.id, _auth_user_backend: user.backend, _auth_user_hash: hash }
  const id = session.get(authKeys.id)
  if (id === undefined) return { before: 'cycle', values }
  const same = String(id) === user.id && constantTimeEqual(String(session.get(authKeys.hash) ?? ''), hash)
  return { before: same ? 'keep' : 'flush', values }
}
