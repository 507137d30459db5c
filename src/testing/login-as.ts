import type { Exchange } from '../adapters/exchange.ts'
import { FetchExchange } from '../adapters/fetch-exchange.ts'
import type { CookieJar } from './cookie-jar.ts'

/** What `loginAs` needs of the site: what `createSessions` and `createAuth` gave, and who is to be logged in. */
export interface LoginAsOptions<User extends { readonly id: string }> {
  readonly sessions: { attach(request: object, exchange: Exchange): void }
  readonly auth: {
    login(request: object, user: User, options?: { readonly remember?: boolean; readonly how?: string }): Promise<void>
  }
  readonly user: User
  /** As if the box "remember me" were ticked. @default false */
  readonly remember?: boolean
  /** Where the site is, for the paths of its cookies. @default 'https://localhost/' */
  readonly url?: string
  /** The browser that the list of devices is to show. @default none */
  readonly userAgent?: string
}

/**
 * Logs a user in on a browser, without a form and without a password: all that follows is as after a real login, since it is one.
 * The login is one of this moment, so `requireFresh` is content.
 *
 * Rejects with what `auth.login` throws, or with what kept the session from being saved.
 *
 * @example
 * const browser = new CookieJar()
 * await loginAs(browser, { sessions, auth, user: ada })
 * const page = await browser.fetch('http://localhost:3000/account')
 */
export async function loginAs<User extends { readonly id: string }>(
  browser: CookieJar,
  { sessions, auth, user, remember = false, url = 'https://localhost/', userAgent }: LoginAsOptions<User>,
): Promise<void> {
  const cookie = browser.header(url)
  const headers = { ...(cookie && { Cookie: cookie }), ...(userAgent !== undefined && { 'User-Agent': userAgent }) }
  const request = new Request(url, { method: 'POST', headers })
  const exchange = new FetchExchange(request)
  sessions.attach(request, exchange)
  await auth.login(request, user, { remember, how: 'loginAs' })
  browser.store(url, await exchange.finish(new Response(null)))
}
