import { withSessions } from '../../src/adapters/fetch.ts'
import type { Session } from '../../src/session/session.ts'
import type { Sessions } from '../../src/session/sessions.ts'

/** What the visitors of the tests' sites are remembered by. */
export interface Data {
  count: number
  name: string
  cart: string[]
  theme: string
}

/** A page gets the way to the session, not the session: a page that does not ask must cost nothing. */
export type Page = (session: () => Promise<Session<Data>>, request: Request) => unknown

/** A site of a few pages on `fetch`. A page answers with a Response, or with what it shows as JSON. */
export function site(sessions: Sessions<Data>, pages: Record<string, Page>): (request: Request) => Promise<Response> {
  return withSessions(sessions, async request => {
    const page = pages[new URL(request.url).pathname]
    if (!page) return new Response('no such page', { status: 404 })
    const shown = await page(() => sessions.of(request), request)
    return shown instanceof Response ? shown : Response.json(shown ?? null)
  })
}

/** A browser that visits one site, and what it holds of it. */
export class Browser {
  readonly #visit: (request: Request) => Promise<Response>
  /** The `Cookie` header that it sends; undefined: it holds no cookie. */
  cookie: string | undefined

  constructor(visit: (request: Request) => Promise<Response>, cookie?: string) {
    this.#visit = visit
    this.cookie = cookie
  }

  /** The answer, after its cookie was kept. */
  async open(path: string): Promise<Response> {
    const headers = this.cookie ? { cookie: this.cookie } : {}
    const response = await this.#visit(new Request(`https://site.example${path}`, { headers }))
    for (const line of response.headers.getSetCookie()) {
      this.cookie = /Max-Age=0(;|$)/.test(line) ? undefined : line.slice(0, line.indexOf(';'))
    }
    return response
  }

  /** What the page shows. */
  async see(path: string): Promise<unknown> {
    const response = await this.open(path)
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    return response.json()
  }

  /** Another window of the same browser: it holds the same cookie, and may be looked at apart. */
  copy(): Browser {
    return new Browser(this.#visit, this.cookie)
  }

  /** The secret in the cookie. */
  get token(): string {
    return this.cookie?.slice(this.cookie.indexOf('=') + 1) ?? ''
  }
}

/** Two requests that meet: `reached` resolves when the page waits, `open` lets it go on. */
export function gate(): { wait: () => Promise<void>; reached: Promise<void>; open: () => void } {
  const arrival = Promise.withResolvers<void>()
  const opening = Promise.withResolvers<void>()
  const wait = (): Promise<void> => {
    arrival.resolve()
    return opening.promise
  }
  return { wait, reached: arrival.promise, open: opening.resolve }
}
