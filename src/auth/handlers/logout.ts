import type { Auth } from '../auth.ts'
import { jsonAnswer, redirectTo } from './answer.ts'
import { wantsPage } from './errors.ts'
import type { Handler } from './handler.ts'

/** Options of the ready-made logout. */
export interface LogoutHandlerOptions {
  /** Where to go after the logout, for who comes without a safe `next`. @default '/' */
  readonly home?: string
}

/** Logs out here, whoever it is or nobody, and leads to `next`. */
export function logoutHandler(auth: Auth, { home = '/' }: LogoutHandlerOptions): Handler<object> {
  return async (request, { next: asked }) => {
    const next = auth.safeNext(request, asked, home)
    await auth.logout(request)
    return wantsPage(request) ? redirectTo(next) : jsonAnswer(200, { next })
  }
}
