import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { withSessions } from '../adapters/fetch.ts'
import { createAuth } from '../auth/create-auth.ts'
import { djangoPbkdf2 } from '../auth/passwords/formats/pbkdf2.ts'
import type { Session } from '../session/session.ts'
import type { Sessions } from '../session/sessions.ts'
import { CookieJar } from '../testing/cookie-jar.ts'
import { djangoAuthHash, djangoLogin, djangoUser } from './login.ts'
import { readPythonJson } from './python-json-read.ts'
import { writePythonJson } from './python-json-write.ts'
import type { PythonValue } from './python-value.ts'
import { sessionAuthHash } from './session-auth.ts'
import { decodeSession, encodeSession } from './session-data.ts'
import { dbEngine } from './sessions/db-engine.ts'
import { type DjangoSessionsOptions, djangoSessions } from './sessions/django-sessions.ts'
import { modelBackend } from './sessions/user-facts.ts'
import { djangoUsers } from './users/django-users.ts'

const secretKey = 'the key of both sites: 0123456789abcdef'
const key = 'k'.repeat(32)
const password = 'pbkdf2_sha256$1$salt$hash'
const hash = sessionAuthHash(password, secretKey)

type Data = Record<string, unknown>
type Page = (session: Session<Data>) => unknown

/** The tables of Django 3.2 on SQLite. */
const tables = `
  create table django_session (session_key varchar(40) primary key, session_data text not null, expire_date datetime not null);
  create table auth_user (id integer primary key autoincrement, password varchar(128) not null, last_login datetime null,
    is_superuser bool not null, username varchar(150) not null unique, last_name varchar(150) not null,
    email varchar(254) not null, is_staff bool not null, is_active bool not null, date_joined datetime not null,
    first_name varchar(150) not null);`

/** A site with the users 5 and 7, and perhaps a session, of this JSON. */
function siteWith(json: string | null, options: Partial<DjangoSessionsOptions<Data>> = {}) {
  const database = new DatabaseSync(':memory:')
  database.exec(tables)
  for (const id of [5, 7]) {
    const insert = `insert into auth_user values (?, ?, null, 0, ?, '', '', 0, 1, '2026-01-01 00:00:00', '')`
    database.prepare(insert).run(id, password, `user${id}`)
  }
  const text = json && encodeSession(readPythonJson(json) as PythonValue, { secretKey })
  if (text) database.prepare('insert into django_session values (?, ?, ?)').run(key, text, '2999-01-01 00:00:00')
  const users = djangoUsers(database)
  const sessions = djangoSessions<Data>({ secretKey, engine: dbEngine(database), ...options })
  const rows = (): [unknown, string][] =>
    database
      .prepare('select session_key as key, session_data as text from django_session')
      .all()
      .map(row => {
        const read = decodeSession(String(row.text), { secretKey })
        return [row.key, read.ok ? writePythonJson(read.value) : '']
      })
  return { database, users, sessions, rows, browser: browserOf(sessions) }
}

/** A browser that has the session's key; each visit is a request whose page this is. */
function browserOf(sessions: Sessions<Data>) {
  let page: Page = () => undefined
  const handler = withSessions(sessions, async request =>
    Response.json((await page(await sessions.of(request))) ?? null),
  )
  const jar = new CookieJar({ fetch: (url, init) => handler(new Request(url, init)) })
  const planted = new Response(null, { headers: { 'Set-Cookie': `sessionid=${key}; Path=/` } })
  jar.store('https://site.example/', planted)
  return async (next: Page): Promise<unknown> => {
    page = next
    return (await jar.fetch('https://site.example/')).json()
  }
}

const loggedIn = (backend: string | null, more = ''): string =>
  `{"_auth_user_id":"5",${backend === null ? '' : `"_auth_user_backend":"${backend}",`}"_auth_user_hash":"${hash}"${more}}`

describe('a login by a backend that the site does not have', () => {
  it.each([['removed.LdapBackend'], [null]])(
    'counts for nothing, and is left as it is, as in Django: %s',
    async backend => {
      const { browser, users, rows } = siteWith(loggedIn(backend))
      expect(await browser(session => djangoUser(session, users, { secretKey }))).toBeNull()
      expect(rows()).toEqual([[key, loggedIn(backend)]])
      await browser(session => session.set('cart', 1))
      expect(rows()).toEqual([[key, loggedIn(backend, ',"cart":1')]])
    },
  )

  it('counts once the site names it, beside its own', async () => {
    const { browser, users } = siteWith(loggedIn('site.LdapBackend'), { backends: ['site.LdapBackend', modelBackend] })
    expect(await browser(session => djangoUser(session, users, { secretKey }))).toMatchObject({ username: 'user5' })
    expect(() => siteWith(null, { backend: 'site.Own', backends: [modelBackend] })).toThrow(/backends does not name/)
  })

  it('counts for nothing with createAuth either', async () => {
    for (const [backend, name] of [
      [modelBackend, 'user5'],
      ['removed.LdapBackend', null],
    ] as const) {
      const { sessions, users } = siteWith(loggedIn(backend))
      const auth = createAuth({
        sessions,
        users,
        secrets: randomBytes(32).toString('base64'),
        authHash: djangoAuthHash({ secretKey }),
      })
      const handler = withSessions(sessions, async request =>
        Response.json({ name: (await auth.user(request))?.username ?? null }),
      )
      const response = await handler(new Request('https://site.example/', { headers: { cookie: `sessionid=${key}` } }))
      expect(await response.json()).toEqual({ name })
    }
  })
})

describe('a login', () => {
  it('is noted with the user, so that reset links of before are void, and brings a new CSRF secret', async () => {
    const { browser, users, rows } = siteWith('{"cart":[1]}')
    const now = Date.UTC(2026, 10, 26)
    const user = { id: '5', password }
    const seen = await browser(session => djangoLogin(session, user, { secretKey, users, now }))
    expect(seen).toEqual({ csrfSecret: expect.stringMatching(/^[A-Za-z0-9]{32}$/) })
    expect((await users.find({ id: '5' }))?.lastLoginAt).toEqual(new Date(now))
    expect(await browser(session => djangoUser(session, users, { secretKey }))).toMatchObject({ username: 'user5' })
    const [[newKey, json] = []] = rows()
    expect([newKey === key, json]).toEqual([false, `{"cart":[1],${loggedIn(modelBackend).slice(1)}`])
  })

  it('hands nothing on that another user left, not even what a program cannot see', async () => {
    const { browser, users, rows } = siteWith(loggedIn(modelBackend, ',"__proto__":{"secret":1},"cart":1'))
    await browser(session => djangoLogin(session, { id: '7', password }, { secretKey, users }))
    expect(rows().map(([, json]) => json)).toEqual([loggedIn(modelBackend).replace('"5"', '"7"')])
  })

  it('with the old key, while keys are changed, is known, and gets a new session key and the new hash', async () => {
    const old = loggedIn(modelBackend).replace(hash, sessionAuthHash(password, 'the old key'))
    const { browser, users, rows } = siteWith(old)
    const secrets = { secretKey, fallbacks: ['the old key'] }
    expect(await browser(session => djangoUser(session, users, secrets))).toMatchObject({ username: 'user5' })
    const [[newKey, json] = []] = rows()
    expect([newKey === key, json]).toEqual([false, loggedIn(modelBackend)])
    expect(await browser(session => djangoUser(session, users, { secretKey }))).toMatchObject({ username: 'user5' })
  })

  it('without Django’s hash can be written to and keeps what was there; to ask for its user ends it, as in Django', async () => {
    const bare = `{"_auth_user_id":5,"_auth_user_backend":"${modelBackend}"`
    const { browser, users, rows } = siteWith(`${bare}}`)
    await browser(session => session.set('cart', 1))
    expect(rows()).toEqual([[key, `${bare},"cart":1}`]])
    expect(await browser(session => djangoUser(session, users, { secretKey }))).toBeNull()
    expect(rows()).toEqual([])
  })
})

describe('createAuth with the sessions and the users of a Django site', () => {
  it('logs in, changes the password and logs out, in sessions that Django takes for its own', async () => {
    const { sessions, users, rows, database } = siteWith(null)
    const hasher = djangoPbkdf2({ iterations: 1000, weak: true })
    const authHash = djangoAuthHash({ secretKey })
    const auth = createAuth({
      sessions,
      users,
      secrets: randomBytes(32).toString('base64'),
      authHash,
      passwords: { hasher },
    })
    await auth.users.create({ username: 'ada', email: 'ada@example.com', password: 'a first good password' })
    let page: (request: Request) => unknown = () => undefined
    const handler = withSessions(sessions, async request => Response.json((await page(request)) ?? null))
    const jar = new CookieJar({ fetch: (url, init) => handler(new Request(url, init)) })
    const visit = async (next: typeof page): Promise<unknown> => {
      page = next
      return (await jar.fetch('https://site.example/')).json()
    }
    await visit(async request => {
      const { user } = await auth.authenticate(request, { username: 'ada', password: 'a first good password' })
      if (user) await auth.login(request, user)
    })
    const encoded = () =>
      String(database.prepare("select password from auth_user where username = 'ada'").get()?.password)
    const held = (): Data => JSON.parse(rows()[0]?.[1] ?? '{}')
    const djangos = () => ({ _auth_user_backend: modelBackend, _auth_user_hash: sessionAuthHash(encoded(), secretKey) })
    expect(held()).toMatchObject(djangos())
    expect(await visit(async request => (await auth.user(request))?.username)).toBe('ada')
    const before = encoded()
    await visit(request =>
      auth.changePassword(request, { current: 'a first good password', password: 'a second good one' }),
    )
    expect(encoded()).not.toBe(before)
    expect(held()).toMatchObject(djangos())
    expect(await visit(async request => (await auth.user(request))?.username)).toBe('ada')
    await visit(request => auth.logout(request))
    expect(rows()).toEqual([])
  })
})
