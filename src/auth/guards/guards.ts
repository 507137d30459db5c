import type { Duration } from '../../values/duration.ts'
import type { Auth } from '../auth.ts'
import { exchangeFor } from '../auth-core.ts'
import type { Answer } from '../handlers/answer.ts'
import { answerError } from '../handlers/errors.ts'
import type { User } from '../users/user.ts'
import type { Rights } from '../users/user-store.ts'

/**
 * What stands before a route and lets some visitors through. The others are sent to the login page if they are people, with
 * the way back; programs, whose `Accept` has no `text/html`, get 401 or 403 and the code of the error as JSON. A person who is
 * logged in and may not gets the site's own page for `ACCESS_DENIED`.
 *
 * What is behind a guard is not cached, unless its handler says otherwise: not for the back button either, after a logout.
 */
export interface Guards<Own extends object, Guard> {
  /** For whoever is logged in. */
  readonly requireUser: Guard
  /** For whoever has the permission. */
  requirePermission(permission: string): Guard
  /** For whoever is in the group. */
  requireGroup(group: string): Guard
  /** For whoever proved who they are within `maxAge`; the login page asks the others again. */
  requireFresh(options?: { maxAge?: Duration }): Guard
  /** For whoever passes your own test; `missing` says for the log what it tests. */
  requireThat(missing: string, test: (user: User & Own, rights: Rights) => boolean | Promise<boolean>): Guard
}

/** What keeps a request from passing; null: nothing does. */
export type Refusal = (request: object) => Promise<Answer | null>

/** The guards of a framework; `mount` is how it lets a request pass or answers it. */
export function guardsWith<Own extends object, Guard>(
  auth: Auth<Own>,
  mount: (refusal: Refusal) => Guard,
): Guards<Own, Guard> {
  const guard = (require: (request: object) => Promise<unknown>): Guard =>
    mount(async request => {
      try {
        await require(request)
      } catch (error) {
        return answerError(auth, request, error)
      }
      keepFromCaches(request)
      return null
    })
  return {
    requireUser: guard(request => auth.requireUser(request)),
    requirePermission: permission => guard(request => auth.requirePermission(request, permission)),
    requireGroup: group => guard(request => auth.requireGroup(request, group)),
    requireFresh: options => guard(request => auth.requireFresh(request, options)),
    requireThat: (missing, test) => guard(request => auth.requireThat(request, missing, test)),
  }
}

function keepFromCaches(request: object): void {
  const exchange = exchangeFor(request)
  if (exchange.headersSent) return
  exchange.beforeHeaders(async () => {
    if (!exchange.getHeader('cache-control')) exchange.setHeader('Cache-Control', 'private, no-store')
  })
}
