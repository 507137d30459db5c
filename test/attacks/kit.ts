// Each test of this folder is named after an attack, or an accident, that once worked. None of them must work again.
import { withSessions } from '../../src/adapters/fetch.ts'
import { createSessions } from '../../src/create-sessions.ts'
import type { SessionOptions } from '../../src/session/options.ts'
import type { Session } from '../../src/session/session.ts'
import type { Sessions } from '../../src/session/sessions.ts'
import type { IndexedSessions, StoredSessions, SweptSessions } from '../../src/stored-sessions.ts'
import { StoryStore } from '../../src/testing/adapter-contract/story-store.ts'

export { StoryStore }
export type Data = Record<string, unknown>
type Page = (session: Session<Data>, request: Request) => unknown
type AllSessions = Sessions<Data> & Pick<StoredSessions<Data>, 'revoke'> & IndexedSessions<Data> & SweptSessions

/** A browser on a site whose page is given with each visit; keeps the cookie as a browser does. */
class Browser {
  readonly #sessions: Sessions<Data>
  cookie: string

  constructor(sessions: Sessions<Data>, cookie = '') {
    this.#sessions = sessions
    this.cookie = cookie
  }

  async visit(page: Page): Promise<Response> {
    const handle = withSessions(this.#sessions, async request => {
      const shown = await page(await this.#sessions.of(request), request)
      return shown instanceof Response ? shown : Response.json(shown ?? null)
    })
    const headers: Record<string, string> = this.cookie ? { cookie: this.cookie } : {}
    const response = await handle(new Request('https://site.example/', { headers }))
    for (const line of response.headers.getSetCookie()) {
      this.cookie = /Max-Age=0(;|$)/.test(line) ? '' : line.slice(0, line.indexOf(';'))
    }
    return response
  }

  async see(): Promise<unknown> {
    return (await this.visit(session => ({ user: session.userId, ...session.toObject() }))).json()
  }

  copy(cookie: string = this.cookie): Browser {
    return new Browser(this.#sessions, cookie)
  }
}

export function siteOf(
  store: StoryStore = new StoryStore(),
  options: SessionOptions<Data> = {},
): { sessions: AllSessions; store: StoryStore; browser: Browser } {
  const sessions = createSessions<Data>({ store, ...options }) as AllSessions
  return { sessions, store, browser: new Browser(sessions) }
}
