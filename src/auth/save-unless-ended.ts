import { isKeepsakeError } from '../errors.ts'
import type { AuthSession } from './auth-sessions.ts'

/**
 * Saves the session now. False if it has ended meanwhile: another request of this browser gave it a new token, or ended it. What was asked
 * of it is dropped then, or it would be asked again before the headers leave.
 */
export async function saveUnlessEnded(session: AuthSession): Promise<boolean> {
  try {
    await session.commit()
    return true
  } catch (error) {
    if (!isKeepsakeError(error, 'SESSION_ENDED')) throw error
    session.destroy()
    return false
  }
}
