import type { AuthCore } from '../auth-core.ts'
import type { LoginFacts } from '../login-facts.ts'

/**
 * Ends the sessions of a login, as far as sessions can be listed: those that came from its family, and the one that it has under
 * another token by now. End the family, and the session itself, first: a browser that is coming back saves its session and then
 * looks whether the family is there, and a rotation finds its session gone. So one of the two sees the other.
 */
export async function revokeLogin(
  { sessions }: AuthCore,
  userId: string,
  { family, loginId }: Pick<LoginFacts, 'family' | 'loginId'>,
): Promise<void> {
  if (family === undefined && loginId === undefined) return
  const listed = (await sessions.list?.(userId)) ?? []
  const ofLogin = listed.filter(
    ({ facts }) =>
      (family !== undefined && facts.family === family) || (loginId !== undefined && facts.loginId === loginId),
  )
  await Promise.all(ofLogin.map(({ id }) => sessions.revoke?.(id)))
}
