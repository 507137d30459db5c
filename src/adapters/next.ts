import type { Sessions } from '../session/sessions.ts'
import { type NextCookies, NextExchange, type NextHeaders, ReadingExchange } from './next-exchange.ts'

/** The two functions of `next/headers` that tell of the request under way, so that Next is not needed where it is not installed. */
export interface NextRequestApi {
  readonly cookies: () => Promise<NextCookies>
  readonly headers: () => Promise<NextHeaders>
}

type Session<Data extends object> = Awaited<ReturnType<Sessions<Data>['of']>>

type Readable = 'id' | 'userId' | 'facts' | 'createdAt' | 'expiresAt' | 'get' | 'has' | 'keys' | 'toObject' | 'toJSON'

/** A session in a server component, to read: Next gives those no way to set a cookie, and starts the answer before they ran. */
export type ReadonlySession<Data extends object> = Pick<Session<Data>, Readable>

/** The sessions of a Next.js app. */
export interface NextSessions<Data extends object> {
  /** The session of the request, to read: for server components. It renews nothing. One load serves all of a page's components. */
  readSession(): Promise<ReadonlySession<Data>>
  /**
   * Runs `work` with the session of the request and saves it before this returns: for server actions and route handlers.
   * What `work` returns is passed on; a Response with status 500 or more, or an error, is not saved. `redirect()` and
   * `notFound()` are answers, and are. When the session cannot be saved, rejects with the error, and sets no cookie.
   *
   * `request` stands for the request, where something else asks for it: `cookies(request)`.
   */
  withSession<Result>(work: (session: Session<Data>, request: object) => Result | Promise<Result>): Promise<Result>
}

/**
 * Sessions for the app router of Next.js 16.
 *
 * @example
 * import { cookies, headers } from 'next/headers'
 * export const { readSession, withSession } = nextSessions(sessions, { cookies, headers })
 *
 * export async function addToCart(form: FormData) {
 *   'use server'
 *   await withSession(session => session.update('cart', (cart = []) => [...cart, String(form.get('item'))]))
 *   redirect('/')
 * }
 */
export function nextSessions<Data extends object>(sessions: Sessions<Data>, next: NextRequestApi): NextSessions<Data> {
  /** Next gives all who ask within one request, and one part of its way, the same cookies: they stand for the request. */
  const open = async (Kind: typeof NextExchange): Promise<[NextCookies, NextExchange]> => {
    const jar = await next.cookies()
    const exchange = new Kind(jar, await next.headers())
    sessions.attach(jar, exchange)
    return [jar, exchange]
  }
  return {
    async readSession() {
      const [jar] = await open(ReadingExchange)
      return sessions.of(jar)
    },
    async withSession(work) {
      const [jar, exchange] = await open(NextExchange)
      const session = await sessions.of(jar)
      // Inside of another call, or beside it, in one request: the cookie is that one's to set, but this one's save is its own.
      if (!exchange.hasSession) {
        exchange.beforeHeaders(status => (status < 500 ? session.commit() : undefined))
      }
      return exchange.answer(async () => work(session, jar))
    },
  }
}
