import { type AuthCore, findUser } from '../auth-core.ts'

/**
 * Voids all sessions of a user that began until now, wherever they rest, with one write: each is compared with this number when it
 * is used. Gives the number from which sessions count again, which is greater than that of any of them, whatever the clocks say.
 */
export async function voidSessions(core: AuthCore, userId: string): Promise<number> {
  const { sessionsValidFrom: before = 0 } = (await findUser(core, { id: userId })) ?? {}
  const sessionsValidFrom = Math.max(core.now(), before + 1)
  await core.deadline.within(() => core.store.update(userId, { sessionsValidFrom }))
  return sessionsValidFrom
}
