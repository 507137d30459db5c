import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { authMounts } from '../../../test/support/auth-mounts.ts'
import { createSessions } from '../../create-sessions.ts'
import { memoryStore } from '../../stores/memory.ts'
import type { MountedApp } from '../../testing/adapter-contract/app.ts'
import { CookieJar } from '../../testing/cookie-jar.ts'
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts'
import type { Auth } from '../auth.ts'
import { createAuth } from '../create-auth.ts'
import { argon2id } from '../passwords/formats/argon2.ts'
import { memoryUsers } from '../users/memory-users.ts'

interface Data {
  visits: number
}

const password = 'correct horse battery staple'

interface Site {
  readonly auth: Auth
  readonly clock: FakeClock
  readonly users: ReturnType<typeof memoryUsers>
  readonly app: MountedApp
}

async function open(mount: (typeof authMounts)[string]): Promise<Site> {
  const clock = fakeClock()
  const users = memoryUsers()
  const store = memoryStore()
  const cookie = { secure: false }
  const sessions = createSessions<Data>({ store, clock, cookie, onEvent: () => undefined })
  const auth = createAuth({
    ...{ sessions, users, clock, secure: false, remember: { store } },
    secrets: 'p7Qm0Zt1Yx8Rk3Vw5Ns2Jb6Lc9Hd4Gf0',
    // The least that argon2 takes: nothing here depends on how hard a hash is.
    passwords: { hasher: argon2id({ memory: 64, passes: 1, weak: true }) },
  })
  await auth.users.create({ username: 'ada', password })
  const show = async (request: object): Promise<string> => `hello ${(await auth.user(request))?.username}`
  const app = await mount({ sessions, auth, show })
  return { auth, clock, users, app }
}

const html = 'text/html,application/xhtml+xml,*/*;q=0.8'

/** A browser as a person has it: it says that it wants pages, and which page a form is on. */
class Person {
  readonly #jar: CookieJar
  accept = html
  site: string | null = 'same-origin'

  constructor({ app, clock }: Site) {
    this.#jar = new CookieJar({ clock, fetch: (url, init) => app.fetch(url.slice('http://127.0.0.1'.length), init) })
  }

  visit(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { accept: this.accept, ...(this.site && { 'sec-fetch-site': this.site }) }
    const all = new Headers({ ...headers, ...(init.headers as Record<string, string>) })
    return this.#jar.fetch(`http://127.0.0.1${path}`, { redirect: 'manual', ...init, headers: all })
  }

  submit(path: string, fields: Record<string, string> = {}): Promise<Response> {
    return this.visit(path, { method: 'POST', body: new URLSearchParams(fields) })
  }

  logIn(fields: Record<string, string> = {}): Promise<Response> {
    return this.submit('/login', { username: 'ada', password, ...fields })
  }

  cookie(name: string): string | undefined {
    return this.#jar.get(name)
  }
}

function program(site: Site): Person {
  const person = new Person(site)
  person.accept = 'application/json'
  return person
}

describe.each(Object.entries(authMounts))('on %s', (_name, mount) => {
  let site: Site
  let person: Person

  beforeEach(async () => {
    site = await open(mount)
    person = new Person(site)
  })

  afterEach(() => site.app.close())

  it('who is not logged in is sent to the login page, and back to where they wanted to go', async () => {
    const refused = await person.visit('/account?tab=2')
    expect([refused.status, refused.headers.get('location')]).toEqual([303, '/login?next=%2Faccount%3Ftab%3D2'])
    const done = await person.logIn({ next: '/account?tab=2' })
    expect([done.status, done.headers.get('location')]).toEqual([303, '/account?tab=2'])
    expect(await (await person.visit('/account')).text()).toBe('hello ada')
  })

  it('what a form sent cannot be sent again: its page is not the way back', async () => {
    const refused = await person.submit('/account')
    expect([refused.status, refused.headers.get('location')]).toEqual([303, '/login'])
  })

  it('a program is told in JSON', async () => {
    const client = program(site)
    const refused = await client.visit('/account')
    expect([refused.status, await refused.json()]).toEqual([401, { error: 'LOGIN_REQUIRED' }])
    expect(refused.headers.get('cache-control')).toBe('no-store')
    const done = await client.visit('/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'ada', password, next: '/account' }),
    })
    expect([done.status, await done.json()]).toEqual([200, { next: '/account' }])
    const denied = await client.visit('/staff')
    expect([denied.status, await denied.json()]).toEqual([403, { error: 'ACCESS_DENIED' }])
  })

  it.each(['/publish', '/editors', '/staff'])('%s is for those who may', async path => {
    await person.logIn()
    expect((await person.visit(path)).status).toBe(403)
    const { id = '' } = (await site.auth.users.find({ username: 'ada' })) ?? {}
    await site.users.createGroup('editors')
    await site.users.addToGroup(id, 'editors')
    await site.users.grant({ user: id }, 'blog.publish')
    await site.auth.users.setStanding(id, { isStaff: true })
    expect(await (await person.visit(path)).text()).toBe('hello ada')
  })

  it('who proved long ago who they are is asked again', async () => {
    await person.logIn()
    expect((await person.visit('/password')).status).toBe(200)
    site.clock.advance('6m')
    expect((await person.visit('/password')).headers.get('location')).toBe('/login?next=%2Fpassword')
    await person.logIn()
    expect((await person.visit('/password')).status).toBe(200)
  })

  it('what is behind a guard is not kept for the back button', async () => {
    await person.logIn()
    expect((await person.visit('/account')).headers.get('cache-control')).toBe('private, no-store')
  })

  it('a wrong name and a wrong password get the same page', async () => {
    const answers = await Promise.all([person.logIn({ username: 'eve' }), person.logIn({ password: 'wrong password' })])
    const [unknown, wrong] = await Promise.all(answers.map(async answer => [answer.status, await answer.text()]))
    expect(unknown).toEqual([401, '<p>Wrong name or password. eve %2F</p>'])
    expect(wrong).toEqual([401, '<p>Wrong name or password. ada %2F</p>'])
    expect(answers.map(({ headers }) => headers.get('content-type'))).toEqual(Array(2).fill('text/html; charset=utf-8'))
    const client = program(site)
    expect(await (await client.logIn({ password: 'wrong' })).json()).toEqual({
      error: 'LOGIN_INVALID',
      message: 'Wrong name or password.',
    })
  })

  it('who guesses is told to wait', async () => {
    for (let i = 0; i < 5; i++) await person.logIn({ password: `guess ${i}` })
    const refused = await person.logIn()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(await refused.text()).toContain('Too many attempts')
  })

  it('the login is remembered if that was asked for', async () => {
    await person.logIn()
    expect(person.cookie('remember')).toBeUndefined()
    await person.logIn({ remember: 'on' })
    expect(person.cookie('remember')).toBeDefined()
  })

  it.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/a\r\nx: y'])(
    'nobody is led away by next=%j',
    async next => {
      const location = (await person.logIn({ next })).headers.get('location') ?? ''
      expect(new URL(location, 'http://127.0.0.1/').origin).toBe('http://127.0.0.1')
      expect(location).toMatch(/^[!-~]+$/)
    },
  )

  it('logs out by POST alone, and leads on', async () => {
    await person.logIn({ remember: 'on' })
    const asked = await person.visit('/logout')
    expect([asked.status, asked.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await person.visit('/account')).status).toBe(200)
    const done = await person.submit('/logout')
    expect([done.status, done.headers.get('location')]).toEqual([303, '/bye'])
    expect(done.headers.get('cache-control')).toBe('no-store')
    expect([person.cookie('session'), person.cookie('remember')]).toEqual([undefined, undefined])
    expect((await person.visit('/account')).status).toBe(303)
  })

  it.each(['cross-site', 'same-site'])('a page elsewhere (%s) logs nobody in or out', async from => {
    await person.logIn()
    person.site = from
    expect((await person.submit('/logout')).status).toBe(403)
    const other = new Person(site)
    other.site = from
    expect((await other.logIn()).status).toBe(403)
    person.site = 'same-origin'
    expect((await person.visit('/account')).status).toBe(200)
  })

  it('an old client that says nothing of where it came from needs a token', async () => {
    person.site = null
    expect((await person.logIn()).status).toBe(403)
  })

  it.each([
    ['a body that is no form', { 'content-type': 'text/plain' }, 'username=ada', [415, 401]],
    ['JSON that is broken', { 'content-type': 'application/json' }, '{"username":', [400]],
    ['JSON that is no object', { 'content-type': 'application/json' }, '["ada"]', [400, 401]],
    ['a name that is no text', { 'content-type': 'application/json' }, '{"username":{"$ne":1},"password":[]}', [401]],
    ['a body that never ends', { 'content-type': 'application/json' }, `"${'x'.repeat(20_000)}"`, [413, 400]],
  ])('%s is refused, and is no error', async (_kind, headers, body, statuses) => {
    const client = program(site)
    const refused = await client.visit('/login', { method: 'POST', headers: { ...headers }, body })
    expect(statuses).toContain(refused.status)
    expect((await person.logIn()).status).toBe(303)
  })
})
