import type { AuthCore } from '../auth-core.ts'
import type { AuthSession } from '../auth-sessions.ts'
import type { UserRecord } from '../users/user.ts'
import { endLogin, type Login, loginsOf } from './logins.ts'

/** In how many places a user may be logged in at a time. */
export interface SessionLimit {
  readonly most: number
  /** Which one has to go when there are more: the oldest login, or the new one. */
  readonly whenFull: 'evict-oldest' | 'reject'
}

/** Whether there is no place for a remembered browser, so that its session need not be touched. */
export function isRefused({ most, whenFull }: SessionLimit, logins: readonly Login[], family: string): boolean {
  return whenFull === 'reject' && logins.filter(({ facts }) => facts.family !== family).length >= most
}

/**
 * Keeps the limit after a login; false if it is the one that has to go: a session that was an anonymous visitor's before, with a cart
 * perhaps, is theirs again, and any other ends. The new session is saved before the logins are counted,
 * so that of several at once the last one to count sees them all: whatever the order, no more than `most` are left. All agree on who
 * has to go, so that as many stay as may.
 */
export async function keepLimit(
  core: AuthCore,
  { most, whenFull }: SessionLimit,
  session: AuthSession,
  record: UserRecord,
  wasVisitors: boolean,
): Promise<boolean> {
  await session.commit()
  const logins = await loginsOf(core, record)
  const surplus = whenFull === 'reject' ? logins.slice(0, -most) : logins.slice(most)
  const isMine = ({ sessions }: Login): boolean => sessions.some(({ id }) => id === session.id)
  await Promise.all(surplus.filter(login => !isMine(login)).map(login => endLogin(core, record.id, login)))
  if (!surplus.some(isMine)) return true
  if (wasVisitors) {
    session.rotate({ userId: null })
    session.setExpiry('default')
  } else session.destroy()
  await session.commit()
  return false
}
