import type { Duration } from '../values/duration.ts'
import { loginUrl, requireFresh, requireGroup, requirePermission, requireThat, requireUser } from './access/access.ts'
import { formToken, requireSameSite } from './access/same-site.ts'
import type { AuthCore } from './auth-core.ts'
import { exchangeFor } from './auth-core.ts'
import { type Authentication, authenticate, type LoginCredentials } from './authenticate.ts'
import { currentUser } from './current-user.ts'
import {
  endAllDevices,
  endDevice,
  endOtherDevices,
  endOwnDevices,
  type LoginDevice,
  listDevices,
} from './devices/devices.ts'
import { elevate } from './elevate.ts'
import { type LoginOptions, login, logout } from './login.ts'
import { confirmEmail, type EmailChange, requestEmailChange } from './mail/email-change.ts'
import { type LinkState, openLink } from './mail/mailed-link.ts'
import { inviteUser, type PasswordReset, requestPasswordReset, resetPassword } from './mail/password-reset.ts'
import { changePassword, type PasswordChange } from './password-change.ts'
import { pauseLogin, resumeLogin } from './paused-login.ts'
import { isSafeNext } from './safe-next.ts'
import { type User, withoutCredentials } from './users/user.ts'
import type { Rights } from './users/user-store.ts'
import type { Users } from './users/users.ts'

/**
 * Who is behind a request, how they come and go, and what they may do: `createAuth`. `request` is what the framework's handler
 * has, as with `sessions.of`.
 */
export class Auth<Own extends object = object> {
  /** The accounts: to create, find, change and close them. */
  readonly users: Users<Own>
  readonly #core: AuthCore<Own>

  constructor(core: AuthCore<Own>, users: Users<Own>) {
    this.#core = core
    this.users = users
  }

  /**
   * Who this is; null for nobody. Until it is called, the session is not asked for. The first call loads the session and the
   * user, and logs a remembered browser in; later ones give the same.
   */
  async user(request: object): Promise<(User & Own) | null> {
    const record = await currentUser(this.#core, request)
    return record && withoutCredentials<Own>(record)
  }

  /**
   * Whether the credentials of a login form are right. Unknown names, wrong passwords and closed accounts are one answer, in one
   * time. Logs nobody in: give the user to `login`.
   *
   * @example
   * const { user, reason } = await auth.authenticate(request, { username, password })
   * if (!user) return loginPage(reason === 'throttled' ? 'Too many attempts: wait a little.' : 'Wrong name or password.')
   * await auth.login(request, user, { remember })
   */
  authenticate(request: object, credentials: LoginCredentials | undefined): Promise<Authentication<Own>> {
    return authenticate(this.#core, request, credentials)
  }

  /** Logs a user in, under a new token. Throws `SESSIONS_FULL` (409) where a limit says `reject`. */
  login(request: object, user: Pick<User, 'id'>, options: LoginOptions = {}): Promise<void> {
    return login(this.#core, request, user, options)
  }

  /**
   * For a login in two steps: what `authenticate` proved, as a sealed text to keep in the session until the second factor is there.
   * Good for 10 minutes.
   */
  pauseLogin(user: User): string {
    return pauseLogin(this.#core, user)
  }

  /**
   * Goes on with a login that was paused: the user, to look up their second factor and then to `login`. Null for any other text, one that
   * is too old, and one of a user who is closed, has another password, or was logged out everywhere meanwhile.
   *
   * @example
   * const user = await auth.resumeLogin(session.get('paused'))
   * if (user && (await isRightCode(user.id, code))) await auth.login(request, user, { how: 'password and code' })
   */
  resumeLogin(paused: unknown): Promise<(User & Own) | null> {
    return resumeLogin(this.#core, paused)
  }

  /** Logs out here. It holds also if the answer fails. */
  logout(request: object): Promise<void> {
    return logout(this.#core, request)
  }

  /** Changes the password of whoever is logged in. This session stays, all others of the user end. */
  changePassword(request: object, passwords: { current: string; password: string }): Promise<PasswordChange> {
    return changePassword(this.#core, request, passwords)
  }

  /** Proves again who is logged in, for `requireFresh`, under a new token. False for a wrong password. Throws `LOGIN_THROTTLED` (429). */
  elevate(request: object, proof: { password: string }): Promise<boolean> {
    return elevate(this.#core, request, proof.password)
  }

  /**
   * Mails a link for a new password to whoever has this address, if somebody has. Say the same to all: nothing tells which it was.
   * Needs the option `mail`.
   */
  requestPasswordReset(request: object, email: unknown): Promise<void> {
    return requestPasswordReset(this.#core, request, email)
  }

  /**
   * Mails a link to choose a first password, as after a reset, to a user whom somebody else made. False, and no mail, for who is not there,
   * is not active or has no address. For administrators: whoever may call it for a user may have them reset. Needs the option `mail`.
   */
  invite(userId: string): Promise<boolean> {
    return inviteUser(this.#core, userId)
  }

  /** For the page that such a link leads to. On `moved`, redirect to the same page without the query; on `ready`, show the form. */
  openPasswordReset(request: object): Promise<LinkState> {
    return openLink(this.#core, request, 'reset')
  }

  /** Sets the password by the link that this browser opened, once. Ends all sessions of the user, and logs nobody in. */
  resetPassword(request: object, password: unknown): Promise<PasswordReset> {
    return resetPassword(this.#core, request, password)
  }

  /**
   * Mails a link to an address that whoever is logged in gave, a new one or their own: nothing changes until they confirm it. Throws
   * `LOGIN_REQUIRED` (401), or `LOGIN_STALE` (403) as `requireFresh`. Needs the option `mail`.
   */
  requestEmailChange(request: object, email: unknown): Promise<EmailChange> {
    return requestEmailChange(this.#core, request, email)
  }

  /** As `openPasswordReset`, for the page where an address is confirmed. */
  openEmailConfirmation(request: object): Promise<LinkState> {
    return openLink(this.#core, request, 'confirm')
  }

  /** Gives the user the address of the link that this browser opened. Null if the link is not good, or not any more. */
  confirmEmail(request: object): Promise<(User & Own) | null> {
    return confirmEmail(this.#core, request)
  }

  /** Where this user is logged in. */
  devices(request: object): Promise<LoginDevice[]> {
    return listDevices(this.#core, request)
  }

  /** Logs this user out on another device. False if it is none of theirs. */
  endDevice(request: object, id: string): Promise<boolean> {
    return endDevice(this.#core, request, id)
  }

  /** Logs this user out everywhere but here. */
  endOtherDevices(request: object): Promise<void> {
    return endOtherDevices(this.#core, request)
  }

  /** Logs this user out everywhere, here too. */
  endDevices(request: object): Promise<void> {
    return endOwnDevices(this.#core, request)
  }

  /** Logs any user out everywhere: for administrators, and for what notices a theft. One write, however many sessions there are. */
  endSessionsOf(userId: string): Promise<void> {
    return endAllDevices(this.#core, userId)
  }

  /** Whoever is logged in. Throws `LOGIN_REQUIRED` (401) for nobody. */
  async requireUser(request: object): Promise<User & Own> {
    return withoutCredentials<Own>(await requireUser(this.#core, request))
  }

  /** Whoever is logged in, if they have the permission. Throws `ACCESS_DENIED` (403) otherwise. */
  async requirePermission(request: object, permission: string): Promise<User & Own> {
    return withoutCredentials<Own>(await requirePermission(this.#core, request, permission))
  }

  /** Whoever is logged in, if they are in the group. Throws `ACCESS_DENIED` (403) otherwise. */
  async requireGroup(request: object, group: string): Promise<User & Own> {
    return withoutCredentials<Own>(await requireGroup(this.#core, request, group))
  }

  /** Whoever is logged in, if your own test passes; `missing` says what it tests. Throws `ACCESS_DENIED` (403) otherwise. */
  async requireThat(
    request: object,
    missing: string,
    test: (user: User & Own, rights: Rights) => boolean | Promise<boolean>,
  ): Promise<User & Own> {
    const record = await requireThat(this.#core, request, missing, (found, rights) =>
      test(withoutCredentials<Own>(found), rights),
    )
    return withoutCredentials<Own>(record)
  }

  /** Whoever is logged in, if they proved it within `maxAge`. Throws `LOGIN_STALE` (403) otherwise: ask for the password, and `elevate`. */
  async requireFresh(request: object, { maxAge }: { maxAge?: Duration } = {}): Promise<User & Own> {
    return withoutCredentials<Own>(await requireFresh(this.#core, request, maxAge))
  }

  /** Refuses what a page of another site sent. Throws `CROSS_SITE_REQUEST` (403). For routes of your own that change something. */
  requireSameSite(request: object, token?: unknown): Promise<void> {
    return requireSameSite(this.#core, request, token)
  }

  /** A token to put into a form for clients that send neither `Sec-Fetch-Site` nor `Origin`; null while there is no stored session. */
  formToken(request: object): Promise<string | null> {
    return formToken(this.#core, request)
  }

  /** The login page, with the way back to what this request asked for. */
  loginUrl(request: object): string {
    return loginUrl(this.#core, request)
  }

  /** Where to go after the login: `next` as the client sent it if it stays on this site, else `fallback`. */
  safeNext(request: object, next: unknown, fallback = '/'): string {
    const { secure } = exchangeFor(request)
    const host = exchangeFor(request).requestHeader('host')
    const options = { allowedHosts: host ? [host] : [], requireHttps: secure }
    // No URL has half a character in it, and `encodeURIComponent` throws there.
    const isSafe = typeof next === 'string' && next.isWellFormed() && isSafeNext(next, options)
    return isSafe ? next : fallback
  }
}
