import { KeepsakeError } from '../../errors.ts'
import type { Meta, SessionFacts } from '../../session/codec.ts'
import type { PythonValue } from '../python-value.ts'
import { authKeys } from '../session-auth.ts'

/** Where a Django session keeps what Django has no place for: how and when a user logged in through Keepsake. */
export const factsKey = '_keepsake'

/** The backend that Django is told of where the program names none: the one that Django has by itself. */
export const modelBackend = 'django.contrib.auth.backends.ModelBackend'

/** The keys of a session that are the session layer's own, not the program's. */
export const hiddenKeys: readonly string[] = [...Object.values(authKeys), '_session_expiry', factsKey]

/**
 * Whose session it is, as the session layer has it. `authHash` is Django's hash, by whichever side it was written. Of a
 * login by Django nobody knows when it was: it is never taken for a fresh one.
 */
export function userIn(get: (key: string) => unknown, seen: number): Pick<Meta, 'user' | 'facts'> {
  const id = get(authKeys.id)
  if (typeof id !== 'string' && typeof id !== 'number' && typeof id !== 'bigint') return {}
  const facts: Record<string, string | number | boolean> = {
    ...{ at: 0, since: seen, how: 'django' },
    ...ownFacts(get(factsKey)),
  }
  const [hash, backend] = [get(authKeys.hash), get(authKeys.backend)]
  if (typeof hash === 'string') facts.authHash = hash
  if (typeof backend === 'string') facts.backend = backend
  return { user: String(id), facts }
}

/** What a session has to hold for Django to know its user, in Django's order; nothing for nobody's. */
export function userValues({ user, facts = {} }: Meta, backendByDefault: string): Record<string, PythonValue> {
  if (user === undefined) return {}
  const { authHash, backend = backendByDefault, ...own } = facts
  if (typeof authHash !== 'string') {
    throw new KeepsakeError(
      'OPTION_INVALID',
      `the session was given to user ${user} without Django's hash of the password, and Django would end it: log in with djangoLogin(session, user), or give rotate the fact authHash`,
    )
  }
  const values = { [authKeys.id]: user, [authKeys.backend]: String(backend), [authKeys.hash]: authHash }
  return own.how === 'django' || Object.keys(own).length === 0 ? values : { ...values, [factsKey]: own }
}

function ownFacts(value: unknown): SessionFacts {
  if (typeof value !== 'object' || value === null) return {}
  const known = Object.entries(value).filter(([, fact]) => ['string', 'number', 'boolean'].includes(typeof fact))
  return Object.fromEntries(known)
}
