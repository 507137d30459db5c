import type { SessionFacts } from '../session/codec.ts'
import type { AuthCore } from './auth-core.ts'
import { type LoginFacts, toFacts } from './login-facts.ts'
import { forgetBrowser, rememberBrowser } from './remembering.ts'
import { saveUnlessEnded } from './save-unless-ended.ts'

/**
 * Makes a change with which the user's sessions are void, and puts this one under its new facts before that. A request of another tab
 * that comes between finds its token gone, and not a void session: that it would end, and this one with it. Null, and nothing
 * changed, if the session was ended meanwhile.
 */
export async function whileMovingOn<T>(
  core: AuthCore,
  request: object,
  next: LoginFacts,
  change: () => Promise<T>,
): Promise<T | null> {
  const session = await core.sessions.of(request)
  const { facts: before } = session
  const moveTo = (facts: SessionFacts): Promise<boolean> => {
    session.rotate({ facts })
    return saveUnlessEnded(session)
  }
  if (!(await moveTo(toFacts(next)))) return null
  try {
    return await change()
  } catch (error) {
    // A store that is down logs nobody out: as far as is known, nothing has changed.
    await moveTo(before)
    throw error
  }
}

/** Goes on with this session alone, under a new token and with these facts. The user's other sessions end, and what would bring them back. */
export async function keepOnlyThisSession(
  core: AuthCore,
  request: object,
  userId: string,
  { family, ...facts }: LoginFacts,
): Promise<void> {
  const { sessions } = core
  const session = await sessions.of(request)
  // Where sessions cannot be listed there are no records to remove, and a moment up to which all are void would include the new token.
  if (sessions.list) await sessions.revokeAll?.(userId, session.id === null ? {} : { except: session.id })
  await forgetBrowser(core, request, family)
  const next = family === undefined ? null : await rememberBrowser(core, request, userId, facts)
  session.rotate({ facts: toFacts(next === null ? facts : { ...facts, family: next }) })
}
