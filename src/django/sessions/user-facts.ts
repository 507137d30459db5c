import { KeepsakeError } from '../../errors.ts'
import type { Meta, SessionFacts } from '../../session/codec.ts'
import type { PythonDict, PythonValue } from '../python-value.ts'
import { authKeys } from '../session-auth.ts'

/** Where a Django session keeps what Django has no place for: how and when a user logged in through Keepsake. */
export const factsKey = '_keepsake'

/** The backend that Django is told of where the program names none: the one that Django has by itself. */
export const modelBackend = 'django.contrib.auth.backends.ModelBackend'

/** The keys of a session that are the session layer's own, not the program's. */
export const hiddenKeys: readonly string[] = [...Object.values(authKeys), '_session_expiry', factsKey]

/** The fact `how` of a login by a backend that the site does not have: nobody is logged in by it. */
export const unknownBackend = 'unknown-backend'

/**
 * Whose session it is, as the session layer has it. `authHash` is Django's hash, by whichever side it was written; it is missing
 * where the login does not count. Of a login by Django nobody knows when it was: it is never taken for a fresh one.
 */
export function userIn(
  get: (key: string) => unknown,
  seen: number,
  backends: readonly string[],
): Pick<Meta, 'user' | 'facts'> {
  const id = get(authKeys.id)
  if (typeof id !== 'string' && typeof id !== 'number' && typeof id !== 'bigint') return {}
  const [hash, backend] = [get(authKeys.hash), get(authKeys.backend)]
  const facts: Record<string, string | number | boolean> = {
    ...{ at: 0, since: seen, how: 'django' },
    ...ownFacts(get(factsKey)),
    ...(typeof backend === 'string' && { backend }),
  }
  if (typeof backend !== 'string' || !backends.includes(backend)) facts.how = unknownBackend
  else if (typeof hash === 'string') facts.authHash = hash
  return { user: String(id), facts }
}

/** What a session has to hold for Django to know its user, in Django's order; nothing for nobody's. */
export function userValues(
  { user, facts = {} }: Meta,
  backendByDefault: string,
  was: PythonDict,
): Record<string, PythonValue | undefined> {
  if (user === undefined) return {}
  const before = was.get(authKeys.id)
  const isSame = before !== undefined && String(before) === user
  const { authHash, backend = backendByDefault, ...own } = facts
  // Of a login that does not count, all stays as it was found.
  if (isSame && authHash === undefined && own.how !== undefined) return valuesIn(was)
  if (typeof authHash !== 'string') {
    throw new KeepsakeError(
      'OPTION_INVALID',
      `the session was given to user ${user} without Django's hash of the password, and Django would end it: log in with djangoLogin(session, user, secrets), or give rotate the fact authHash`,
    )
  }
  const id = isSame ? before : user
  const values = { [authKeys.id]: id, [authKeys.backend]: String(backend), [authKeys.hash]: authHash }
  return own.how === 'django' || Object.keys(own).length === 0 ? values : { ...values, [factsKey]: own }
}

function valuesIn(was: PythonDict): Record<string, PythonValue | undefined> {
  return Object.fromEntries([...Object.values(authKeys), factsKey].map(key => [key, was.get(key)]))
}

function ownFacts(value: unknown): SessionFacts {
  if (typeof value !== 'object' || value === null) return {}
  const known = Object.entries(value).filter(([, fact]) => ['string', 'number', 'boolean'].includes(typeof fact))
  return Object.fromEntries(known)
}
