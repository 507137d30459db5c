import { DatabaseSync } from 'node:sqlite'
import { expect } from 'vitest'
import { withSessions } from '../../src/adapters/fetch.ts'
import type { Auth } from '../../src/auth/auth.ts'
import type { AuthEvent } from '../../src/auth/auth-events.ts'
import { type AuthOptions, createAuth } from '../../src/auth/create-auth.ts'
import { argon2id } from '../../src/auth/passwords/formats/argon2.ts'
import { createPasswords, type Passwords } from '../../src/auth/passwords/passwords.ts'
import { databaseUsers } from '../../src/auth/users/database/database-users.ts'
import { memoryUsers } from '../../src/auth/users/memory-users.ts'
import type { User } from '../../src/auth/users/user.ts'
import type { UserGroups, UserStore } from '../../src/auth/users/user-store.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { encryptedCookie } from '../../src/engines/encrypted-cookie.ts'
import type { Session } from '../../src/session/session.ts'
import type { Sessions } from '../../src/session/sessions.ts'
import { databaseStore } from '../../src/stores/database/database-store.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import type { ExpirySweep, SessionIndex, SessionStore } from '../../src/stores/store.ts'
import { CookieJar } from '../../src/testing/cookie-jar.ts'
import { type FakeClock, fakeClock } from '../../src/testing/fake-clock.ts'
import { type Watched, watched } from '../support/watched-store.ts'

export const secret = 'p7Qm0Zt1Yx8Rk3Vw5Ns2Jb6Lc9Hd4Gf0-first'
export const password = 'correct horse battery staple'

export interface Data {
  cart: string[]
  count: number
}

type Store = SessionStore & SessionIndex & ExpirySweep
export type Users = UserStore & UserGroups

/** Where the stories are played: each has its own records. */
export const stages: Readonly<Record<string, () => Promise<{ store: Store; users: Users }>>> = {
  memory: async () => ({ store: memoryStore(), users: memoryUsers() }),
  SQLite: async () => {
    const store = databaseStore(new DatabaseSync(':memory:'))
    const users = databaseUsers(new DatabaseSync(':memory:'))
    await Promise.all([store.migrate(), users.migrate()])
    return { store, users }
  },
}

/** The least that argon2 takes: nothing here depends on how hard a hash is. */
export const quickHasher: ReturnType<typeof argon2id> = argon2id({ memory: 64, passes: 1, weak: true })

/** How often passwords were hashed, whatever for. */
export interface CountedPasswords extends Passwords {
  hashes: number
}

/** Every hash counts: also one that takes a wrong password's time. */
export function countedPasswords(hasher: ReturnType<typeof argon2id> = quickHasher): CountedPasswords {
  const counted = { hashes: 0 }
  const counting = {
    ...hasher,
    encode: (text: string): Promise<string> => {
      counted.hashes++
      return hasher.encode(text)
    },
  }
  const passwords = createPasswords({ hasher: counting, hashesWaiting: 5000 })
  const verify: Passwords['verify'] = (text, encoded) => {
    // A current hash is derived once; for all else, `encode` counts.
    if (encoded?.startsWith(hasher.scheme)) counted.hashes++
    return passwords.verify(text, encoded)
  }
  return Object.assign(counted, {
    verify,
    hash: passwords.hash.bind(passwords),
    rehash: passwords.rehash.bind(passwords),
    check: passwords.check.bind(passwords),
    verifyAgainstNothing: passwords.verifyAgainstNothing.bind(passwords),
  })
}

export interface SiteOptions extends Partial<Omit<AuthOptions, 'sessions' | 'users' | 'remember' | 'clock'>> {
  readonly stage?: string
  /** Where sessions rest: in the store, in their cookie, or there with an index missing. @default 'store' */
  readonly sessionsIn?: 'store' | 'cookie' | 'store without index'
  /** @default remembered in the store of the sessions */
  readonly remember?: boolean | Omit<NonNullable<AuthOptions['remember']>, 'store'>
}

/** A site with accounts, all of whose parts can be looked at. */
export interface Site {
  readonly auth: Auth
  readonly sessions: Sessions<Data>
  readonly watch: Watched<Store>
  readonly users: Users
  readonly clock: FakeClock
  readonly events: AuthEvent[]
  readonly passwords: CountedPasswords
  readonly ada: User
  /** The types of what happened. */
  happened(): string[]
  newUser(username: string): Promise<User>
  browser(options?: BrowserOptions): AuthBrowser
  /** A browser with Ada logged in by her password. */
  adasBrowser(options?: BrowserOptions & { remember?: boolean }): Promise<AuthBrowser>
  /** The same site after a deploy with other options of `createAuth`, on the same records. */
  redeployed(options: SiteOptions): Promise<Site>
}

export async function authSite(options: SiteOptions = {}): Promise<Site> {
  const made = await (stages[options.stage ?? 'memory'] ?? expect.fail('no such stage'))()
  const site = siteOn(watched(made.store), made.users, fakeClock(), options)
  const { user } = await site.auth.users.create({ username: 'ada', email: 'ada@example.com', password })
  site.events.length = 0
  site.passwords.hashes = 0
  return { ...site, ada: user ?? expect.fail('no user') }
}

function siteOn(
  watch: Watched<Store>,
  users: Users,
  clock: FakeClock,
  { stage: _, sessionsIn = 'store', remember = true, ...options }: SiteOptions,
  sessions = sessionsOn(watch.store, sessionsIn, clock),
): Omit<Site, 'ada'> {
  const events: AuthEvent[] = []
  const passwords = countedPasswords()
  const auth = createAuth({
    ...{ sessions, users, clock, passwords, secrets: secret },
    ...(remember && { remember: { ...(remember === true ? {} : remember), store: watch.store } }),
    clientAddress: (request: Request) => request.headers.get('x-client-address'),
    onEvent: event => void events.push(event),
    ...options,
  })
  const browser = (of: BrowserOptions = {}): AuthBrowser => new AuthBrowser(sessions, clock, of)
  return {
    ...{ auth, sessions, watch, users, clock, events, passwords, browser },
    happened: () => events.map(({ type }) => type),
    newUser: async username =>
      (await auth.users.create({ username, password })).user ?? expect.fail(`no user ${username}`),
    adasBrowser: async ({ remember: ticked = false, ...of } = {}) => {
      const ada = browser(of)
      await ada.logIn(auth, 'ada', ticked)
      return ada
    },
    redeployed: async more => {
      const again = siteOn(watch, users, clock, { sessionsIn, remember, ...options, ...more }, sessions)
      return { ...again, ada: (await again.auth.users.find({ username: 'ada' })) ?? expect.fail('no ada') }
    },
  }
}

function sessionsOn(store: Store, where: SiteOptions['sessionsIn'], clock: FakeClock): Sessions<Data> {
  const common = { clock, onEvent: () => undefined }
  if (where === 'cookie') {
    return createSessions<Data>({ ...common, engine: encryptedCookie({ secrets: secret, revocations: store }) })
  }
  const { find: _, deleteBy: __, ...plain } = store
  return createSessions<Data>({ ...common, store: where === 'store' ? store : plain })
}

export interface BrowserOptions {
  readonly userAgent?: string
  readonly address?: string
}

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

/** A browser that sends requests to the site: what a page does with each is given with it. */
export class AuthBrowser {
  readonly jar: CookieJar
  readonly #sessions: Sessions<Data>
  readonly #clock: FakeClock
  readonly #options: BrowserOptions

  constructor(sessions: Sessions<Data>, clock: FakeClock, options: BrowserOptions) {
    this.#sessions = sessions
    this.#clock = clock
    this.#options = options
    this.jar = new CookieJar({ clock })
  }

  /** One request, and the answer: with the page's own headers, and those of the session and the cookies. */
  async open(page: (request: Request) => unknown, init: RequestInit = {}, path = '/'): Promise<Response> {
    const url = `https://site.example${path}`
    const headers = new Headers(init.headers)
    headers.set('Cookie', this.jar.header(url))
    headers.set('User-Agent', this.#options.userAgent ?? firefox)
    headers.set('X-Client-Address', this.#options.address ?? '192.0.2.7')
    const handler = withSessions(this.#sessions, async request => {
      const shown = await page(request)
      return shown instanceof Response ? shown : new Response()
    })
    const response = await handler(new Request(url, { ...init, headers }))
    this.jar.store(url, response)
    // What is done after the answer, such as a mail, is done too.
    await new Promise(setImmediate)
    return response
  }

  /** What the page came to; rejects with its error, or where the session could not be saved. */
  async visit<T>(page: (request: Request) => T, init: RequestInit = {}, path = '/'): Promise<Awaited<T>> {
    let outcome: { value: Awaited<T> } | { error: unknown } | undefined
    const run = async (request: Request): Promise<void> => {
      try {
        outcome = { value: await page(request) }
      } catch (error) {
        outcome = { error }
        throw error
      }
    }
    const { status } = await this.open(run, init, path)
    if (outcome && 'error' in outcome) throw outcome.error
    if (!outcome || status !== 200) throw new Error(`answered with status ${status}`)
    return outcome.value
  }

  /** By name and password, as a login form does it. */
  async logIn(auth: Auth, username: string, remember = false, typed: string = password): Promise<void> {
    await this.visit(async request => {
      const { user, reason } = await auth.authenticate(request, { username, password: typed })
      if (!user) throw new Error(`not logged in: ${reason}`)
      await auth.login(request, user, { remember })
    })
  }

  /** The name of whoever the site takes this browser for. */
  async who(auth: Auth): Promise<string | null> {
    return this.visit(async request => (await auth.user(request))?.username ?? null)
  }

  /** What the session holds. */
  session<T>(look: (session: Session<Data>) => T): Promise<Awaited<T>> {
    return this.visit(async request => look(await this.#sessions.of(request)))
  }

  /** The secret in the cookie of the session. */
  get token(): string {
    return this.jar.get('__Host-session') ?? ''
  }

  /** A browser with a copy of all cookies: a thief's, or a second window that is looked at apart. */
  copy(): AuthBrowser {
    const copy = new AuthBrowser(this.#sessions, this.#clock, this.#options)
    for (const cookie of this.jar.header('https://site.example/').split('; ').filter(Boolean)) copy.plant(cookie)
    return copy
  }

  /** Puts a cookie into the browser. */
  plant(cookie: string): void {
    const line = `${cookie}; Path=/; Max-Age=34560000`
    this.jar.store('/', new Response(null, { headers: [['Set-Cookie', line]] }))
  }

  /** The cookie of the session goes: what is left is what remembers the browser. */
  loseSession(): void {
    this.jar.store('/', new Response(null, { headers: [['Set-Cookie', '__Host-session=; Path=/; Max-Age=0']] }))
  }
}
