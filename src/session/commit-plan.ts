/** What matters of a session for what is to be saved. */
export interface CommitFacts {
  /** A live record is open. */
  readonly stored: boolean
  /** The program ended a record that was open. */
  readonly destroyed: boolean
  /** The journal is not empty. */
  readonly changed: boolean
  /** The program asked for a new token. */
  readonly rotating: boolean
  /** There is data, or a user: without either, there is nothing to remember. */
  readonly worthKeeping: boolean
  /** A tenth of the idle timeout or more has passed since the last renewal. */
  readonly renewalDue: boolean
  /** The answer has a status of 500 or more. */
  readonly failing: boolean
}

export type CommitPlan = 'nothing' | 'create' | 'replace' | 'renew' | 'rotate' | 'destroy'

/**
 * What to save at the end of a request, and nothing else decides it.
 * `destroy` is followed by another plan, for the session that the program may have begun after it.
 */
export function commitPlan(facts: CommitFacts): CommitPlan {
  // Logout holds whatever became of the answer, and comes first: what takes rights away must not wait for what grants them.
  if (facts.destroyed) return 'destroy'
  // A handler that failed has half done its work; what it meant to remember is not to be remembered (Django's rule).
  if (facts.failing) return 'nothing'
  // A visitor who has nothing to be remembered gets no record and no cookie.
  if (!facts.stored) return facts.worthKeeping && (facts.changed || facts.rotating) ? 'create' : 'nothing'
  if (facts.rotating) return 'rotate'
  if (facts.changed) return 'replace'
  return facts.renewalDue ? 'renew' : 'nothing'
}
