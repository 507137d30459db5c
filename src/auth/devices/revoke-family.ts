import type { AuthCore } from '../auth-core.ts'

/**
 * Ends the sessions that came from a family, as far as sessions can be listed. End the family first: a browser that is coming back
 * by it saves its session, and then looks whether the family is still there. So one of the two sees the other.
 */
export async function revokeFamily(
  { sessions }: AuthCore,
  userId: string,
  family: string,
  { except = null }: { readonly except?: string | null } = {},
): Promise<void> {
  const listed = (await sessions.list?.(userId)) ?? []
  const ofFamily = listed.filter(({ id, facts }) => facts.family === family && id !== except)
  await Promise.all(ofFamily.map(({ id }) => sessions.revoke?.(id)))
}
