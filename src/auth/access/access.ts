import { KeepsakeError } from '../../errors.ts'
import { type Duration, durationMs } from '../../values/duration.ts'
import { type AuthCore, exchangeFor } from '../auth-core.ts'
import { currentUser } from '../current-user.ts'
import { fromFacts } from '../login-facts.ts'
import { hasPermission, isInGroup } from '../users/permissions.ts'
import type { UserRecord } from '../users/user.ts'
import type { Rights } from '../users/user-store.ts'

/** Whoever is logged in. Throws `LOGIN_REQUIRED` (401) for nobody. */
export async function requireUser<Own extends object>(core: AuthCore<Own>, request: object): Promise<UserRecord<Own>> {
  const record = await currentUser(core, request)
  if (!record) throw new KeepsakeError('LOGIN_REQUIRED')
  return record
}

/** Whoever is logged in, if the test passes. Throws `LOGIN_REQUIRED` (401), or `ACCESS_DENIED` (403) with what is missing. */
export async function requireThat<Own extends object>(
  core: AuthCore<Own>,
  request: object,
  missing: string,
  test: (record: UserRecord<Own>, rights: Rights) => boolean | Promise<boolean>,
): Promise<UserRecord<Own>> {
  const record = await requireUser(core, request)
  const rights = await core.store.rightsOf(record.id)
  if (!(await test(record, rights))) throw new KeepsakeError('ACCESS_DENIED', `user ${record.id} lacks ${missing}`)
  return record
}

export function requirePermission<Own extends object>(
  core: AuthCore<Own>,
  request: object,
  permission: string,
): Promise<UserRecord<Own>> {
  return requireThat(core, request, `the permission ${permission}`, (record, rights) =>
    hasPermission(record, rights, permission),
  )
}

export function requireGroup<Own extends object>(
  core: AuthCore<Own>,
  request: object,
  group: string,
): Promise<UserRecord<Own>> {
  return requireThat(core, request, `the group ${group}`, (record, rights) => isInGroup(record, rights, group))
}

/**
 * Whoever is logged in and proved it lately: neither use nor "remember me" counts as a proof (ASVS 7.5.1). Throws
 * `LOGIN_REQUIRED` (401), or `LOGIN_STALE` (403).
 */
export async function requireFresh<Own extends object>(
  core: AuthCore<Own>,
  request: object,
  maxAge: Duration | undefined,
): Promise<UserRecord<Own>> {
  const record = await requireUser(core, request)
  const facts = fromFacts((await core.sessions.of(request)).facts)
  if (!facts || facts.remembered) throw new KeepsakeError('LOGIN_STALE', 'the browser was remembered')
  const age = core.now() - facts.at
  if (age > (maxAge ? durationMs(maxAge, 'maxAge') : core.freshForMs)) {
    throw new KeepsakeError('LOGIN_STALE', `${Math.round(age / 1000)} seconds`)
  }
  return record
}

/** The login page, with the way back to what was asked for. What a form sent cannot be sent again, so its page is not the way back. */
export function loginUrl({ loginPath }: AuthCore, request: object): string {
  const { method, target } = exchangeFor(request)
  if (method !== 'GET' || target === '/' || !target.startsWith('/')) return loginPath
  return `${loginPath}${loginPath.includes('?') ? '&' : '?'}next=${encodeURIComponent(target)}`
}
