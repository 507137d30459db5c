import type { SessionStore } from '../../stores/store.ts'
import { checkFunctions, invalidOption, refuseUnknown } from '../../values/check-options.ts'
import { durationMs } from '../../values/duration.ts'
import type { RememberPolicy } from './family.ts'
import type { RememberOptions } from './remember.ts'

/** The options with every default in place and every check passed. */
export interface RememberSettings {
  readonly store: SessionStore
  readonly policy: RememberPolicy
  readonly deadlineMs: number
  readonly now: () => number
}

const known: readonly (keyof RememberOptions)[] = [
  ...(['store', 'grace', 'rotateAfter', 'idleTimeout', 'absoluteTimeout', 'storeDeadline', 'now'] as const),
]

/** Throws at construction, so that bad configuration does not start. */
export function resolveRememberOptions(options: RememberOptions): RememberSettings {
  refuseUnknown(options, known, 'remember.')
  const { store, now = Date.now, storeDeadline = '2s' } = options
  checkFunctions('store', store, ['read', 'create', 'replace', 'delete'])
  checkFunctions('the options', { now }, ['now'])
  return { store, policy: policyOf(options), deadlineMs: durationMs(storeDeadline, 'storeDeadline'), now }
}

function policyOf(options: RememberOptions): RememberPolicy {
  const { grace = '30s', rotateAfter = '1m', idleTimeout = '30d', absoluteTimeout = '90d' } = options
  const policy = {
    graceMs: durationMs(grace, 'remember.grace'),
    rotateAfterMs: durationMs(rotateAfter, 'remember.rotateAfter'),
    idleMs: durationMs(idleTimeout, 'remember.idleTimeout'),
    absoluteMs: durationMs(absoluteTimeout, 'remember.absoluteTimeout'),
  }
  if (policy.rotateAfterMs < policy.graceMs) {
    // A second rotation within the grace would make a theft of what two tabs of one browser do.
    throw invalidOption('remember.rotateAfter', `(${rotateAfter}) is shorter than grace (${grace})`)
  }
  if (policy.idleMs > policy.absoluteMs) {
    throw invalidOption('remember.idleTimeout', `(${idleTimeout}) is longer than absoluteTimeout (${absoluteTimeout})`)
  }
  return policy
}
