import { KeepsakeError } from '../errors.ts'
import { requireUser } from './access/access.ts'
import type { AuthCore } from './auth-core.ts'
import { provesPassword } from './authenticate.ts'
import { fromFacts, toFacts } from './login-facts.ts'

/** Proves again who is logged in: a new token, the same end. Where another tab has just done so, this request has no session to do it to. */
export async function elevate(core: AuthCore, request: object, password: string): Promise<boolean> {
  const record = await requireUser(core, request)
  const session = await core.sessions.of(request)
  const facts = fromFacts(session.facts)
  if (!facts) throw new KeepsakeError('SESSION_ENDED')
  const { proved, retryAfterMs } = await provesPassword(core, request, record, password)
  if (retryAfterMs !== null) {
    throw new KeepsakeError('LOGIN_THROTTLED', '', { retryAfter: Math.ceil(retryAfterMs / 1000) })
  }
  if (!proved) return false
  const { remembered: _, ...rest } = facts
  session.rotate({ facts: toFacts({ ...rest, at: core.now() }) })
  core.report({ type: 'elevated', userId: record.id })
  return true
}
