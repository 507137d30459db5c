import type { AuthCore } from './auth-core.ts'
import { type LoginFacts, toFacts } from './login-facts.ts'
import { forgetBrowser, rememberBrowser } from './remembering.ts'

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
