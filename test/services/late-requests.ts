import { createSessions } from '../../src/create-sessions.ts'
import type { SessionStore } from '../../src/stores/store.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { Browser, type Data, gate, type Page, site } from '../support/site.ts'

/** When the slow request's change is let go: when the logout has been answered, or while it is under way. */
export type Moment = 'after the logout' | 'during the logout'

/** What became of the sessions that were ended while a slow request was at work on them. */
export interface LateOutcome {
  /** The answers of the slow requests, and whether each set a cookie. */
  readonly answers: readonly { readonly status: number; readonly cookie: boolean }[]
  /** How many of the visitors were known again by any cookie that they were ever given. */
  readonly back: number
}

/**
 * Has visitors log out while a slow request of theirs is at work on the same session: it has read the session before, changes
 * it, and is due to renew the cookie.
 */
export async function logOutMeanwhile(store: SessionStore, visitors: number, moment: Moment): Promise<LateOutcome> {
  const clock = fakeClock(new Date())
  const gates = new Map<string, ReturnType<typeof gate>>()
  const pages: Record<string, Page> = {
    '/begin': async session => (await session()).update('count', (n = 0) => n + 1),
    '/read': async session => (await session()).get('count') ?? null,
    '/logout': async session => (await session()).destroy(),
    '/slow': async (session, request) => {
      const mine = await session()
      mine.update('count', (n = 0) => n + 1)
      await gates.get(new URL(request.url).search)?.wait()
    },
  }
  const visit = site(createSessions<Data>({ store, clock }), pages)

  const browsers = Array.from({ length: visitors }, () => new Browser(visit))
  for (const browser of browsers) await browser.see('/begin')
  clock.advance('2d')
  const outcomes = await Promise.all(
    browsers.map(async (browser, n) => {
      const slowTab = browser.copy()
      const doors = gate()
      gates.set(`?${n}`, doors)
      const slow = slowTab.open(`/slow?${n}`)
      await doors.reached
      const { cookie } = browser
      const logout = browser.open('/logout')
      if (moment === 'after the logout') await logout
      doors.open()
      const answer = await slow
      await logout
      const known = await Promise.all([cookie, slowTab.cookie].map(old => new Browser(visit, old).see('/read')))
      return { answer, back: known.some(count => count !== null) }
    }),
  )
  return {
    answers: outcomes.map(({ answer: { status, headers } }) => ({
      status,
      cookie: headers.getSetCookie().length > 0,
    })),
    back: outcomes.filter(({ back }) => back).length,
  }
}
