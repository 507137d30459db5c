import { type AuthCore, findUser } from '../auth-core.ts'
import type { UserRecord } from '../users/user.ts'

/**
 * Voids all sessions of a user that began until now, wherever they rest, with one write: each is compared with this number when it
 * is used. Gives the number from which sessions count again, which is greater than that of any of them, whatever the clocks say.
 */
export async function voidSessions(core: AuthCore, userId: string): Promise<number> {
  const sessionsValidFrom = nextValidFrom(core, await findUser(core, { id: userId }))
  await core.store.update(userId, { sessionsValidFrom })
  return sessionsValidFrom
}

/**
 * As `voidSessions`, at the word of a session of the user as they were just read. False, and nothing is voided, if they have another
 * password by now: then that session is over too.
 */
export async function voidOtherSessions(
  { store }: AuthCore,
  { id, password: ifPassword }: UserRecord,
  sessionsValidFrom: number,
): Promise<boolean> {
  return (await store.update(id, { sessionsValidFrom }, { ifPassword })) === 'updated'
}

/** Greater than the user's number of before, also within one millisecond and when the clock was set back. */
export function nextValidFrom({ now }: Pick<AuthCore, 'now'>, record: UserRecord | null): number {
  return Math.max(now(), (record?.sessionsValidFrom ?? 0) + 1)
}
