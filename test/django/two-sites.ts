import { expect } from 'vitest'
import { withSessions } from '../../src/adapters/fetch.ts'
import { djangoPbkdf2 } from '../../src/auth/passwords/formats/pbkdf2.ts'
import { createPasswords } from '../../src/auth/passwords/passwords.ts'
import type { UserStore } from '../../src/auth/users/user-store.ts'
import { djangoLogin, djangoPasswordChanged, djangoUser } from '../../src/django/login.ts'
import { isKeepsakeError } from '../../src/errors.ts'
import type { SessionEvent } from '../../src/events.ts'
import type { Session } from '../../src/session/session.ts'
import type { Sessions } from '../../src/session/sessions.ts'
import { CookieJar } from '../../src/testing/cookie-jar.ts'
import type { DjangoSite } from './django-site.ts'

export const secretKey = 'a secret that both sites have: 0123456789abcdef'

/** What the visitors of both sites are remembered by. */
export interface Data {
  count: number
  [key: string]: unknown
}

/** One visitor's route on the Keepsake side: it has the session and the question's parameters. */
type Page = (session: Session<Data>, parameters: URLSearchParams) => unknown

/** The Keepsake side of two sites that are one for their visitors. */
export class KeepsakeSite {
  readonly sessions: Sessions<Data>
  readonly events: SessionEvent[] = []
  /** What happens while the page `/count_meanwhile` is at work. */
  meanwhile: () => Promise<unknown> = async () => undefined
  readonly #handler: (request: Request) => Promise<Response>

  constructor(makeSessions: (onEvent: (event: SessionEvent) => void) => Sessions<Data>, users: UserStore | null) {
    this.sessions = makeSessions(event => this.events.push(event))
    const countMeanwhile: Page = async session => {
      const count = session.update('count', (n = 0) => n + 1)
      await this.meanwhile()
      return { count }
    }
    const pages: Readonly<Record<string, Page>> = {
      ...plainPages,
      ...(users && accountPages(users)),
      '/count_meanwhile': countMeanwhile,
    }
    this.#handler = withSessions(this.sessions, async request => {
      const { pathname, searchParams } = new URL(request.url)
      const page = pages[pathname]
      if (!page) return new Response('no such page', { status: 404 })
      try {
        return Response.json((await page(await this.sessions.of(request), searchParams)) ?? null)
      } catch (error) {
        return refusal(error)
      }
    })
  }

  async answer(request: Request): Promise<Response> {
    return this.#handler(request).catch(refusal)
  }
}

function refusal(error: unknown): Response {
  return new Response(String(error), { status: isKeepsakeError(error) ? error.status : 500 })
}

const plainPages: Readonly<Record<string, Page>> = {
  '/count': session => ({ count: session.update('count', (n = 0) => n + 1) }),
  '/put': (session, given) => session.assign(JSON.parse(given.get('json') ?? '')),
  '/put_now': (session, given) => {
    session.assign(JSON.parse(given.get('json') ?? ''))
    return session.commit()
  },
  '/delete': (session, given) => session.delete(given.get('key') ?? ''),
  '/take': (session, given) => session.take(given.get('key') ?? ''),
  '/dump': session => ({ data: session.toObject(), user: session.userId, end: session.expiresAt }),
  '/log_out': session => session.destroy(),
  '/rotate': session => session.rotate(),
  '/expire': (session, given) => session.setExpiry(JSON.parse(given.get('when') ?? '')),
  '/expire_at': (session, given) => session.setExpiry(new Date(given.get('when') ?? '')),
}

function accountPages(users: UserStore): Readonly<Record<string, Page>> {
  const passwords = createPasswords({ hasher: djangoPbkdf2() })
  const secrets = { secretKey }
  return {
    '/whoami': async session => ({ user: (await djangoUser(session, users, secrets))?.username ?? null }),
    '/log_in': async (session, given) => {
      const record = await users.find({ username: given.get('u') ?? '' })
      const { valid } = await passwords.verify(given.get('p') ?? '', record?.password)
      if (record && valid) await djangoLogin(session, record, { ...secrets, users })
      return { user: valid ? record?.username : null }
    },
    '/change_password': async (session, given) => {
      const record = await djangoUser(session, users, secrets)
      const password = await passwords.hash(given.get('p') ?? '')
      await users.update(record?.id ?? '', { password })
      if (record) djangoPasswordChanged(session, { ...record, password }, secrets)
      return { user: record?.username }
    },
  }
}

/** A browser that goes back and forth between two sites of one address. */
export class Visitor {
  readonly #django: DjangoSite
  readonly #keepsake: KeepsakeSite
  readonly jar: CookieJar

  /** `twin` is the same browser, as another process of the site sees it. */
  constructor(django: DjangoSite, keepsake: KeepsakeSite, twin?: Visitor) {
    this.#django = django
    this.#keepsake = keepsake
    this.jar = new CookieJar({
      fetch: (url, init) => (url.startsWith(django.url) ? fetch(url, init) : keepsake.answer(new Request(url, init))),
    })
    if (twin) this.#take(twin)
  }

  django(path: string): Promise<Record<string, unknown>> {
    return this.#see(`${this.#django.url}${path}`)
  }

  keepsake(path: string): Promise<Record<string, unknown>> {
    return this.#see(`http://keepsake.example${path}`)
  }

  /** The status alone, for what is expected to fail. */
  async status(side: 'django' | 'keepsake', path: string): Promise<number> {
    const origin = side === 'django' ? this.#django.url : 'http://keepsake.example'
    return (await this.jar.fetch(`${origin}${path}`)).status
  }

  get key(): string | undefined {
    return this.jar.get('sessionid')
  }

  /** Another window of a browser that holds the same cookies. */
  copy(): Visitor {
    return new Visitor(this.#django, this.#keepsake, this)
  }

  #take({ key }: Visitor): void {
    const headers = new Headers({ 'Set-Cookie': `sessionid=${key}; Path=/` })
    this.jar.store('http://keepsake.example/', new Response(null, { headers }))
  }

  async #see(url: string): Promise<Record<string, unknown>> {
    const response = await this.jar.fetch(url)
    const text = await response.text()
    expect([url, response.status, response.ok || text]).toEqual([url, 200, true])
    return JSON.parse(text)
  }
}
