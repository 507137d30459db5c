import { describe, expect, it } from 'vitest'
import type { DjangoSite } from './django-site.ts'
import { tellOfRaces } from './stories-of-races.ts'
import { type KeepsakeSite, Visitor } from './two-sites.ts'

/** The two sites of one test file, once they run. */
export interface TwoSites {
  readonly django: DjangoSite
  readonly keepsake: KeepsakeSite
  /** Another process of that site, as far as sessions know. */
  readonly another: KeepsakeSite
}

/** What one engine can do. */
export interface EngineTraits {
  /** The record rests in the cookie: who keeps a copy keeps the session, also in Django. */
  readonly inCookie?: boolean
}

/** What visitors see who go back and forth between a Django site and a Keepsake site. */
export function tellOfSharedSessions(sites: () => TwoSites, { inCookie = false }: EngineTraits = {}): void {
  const newVisitor = (): Visitor => new Visitor(sites().django, sites().keepsake)
  describe('one session', () => {
    tellOfCounts(newVisitor, inCookie)
    tellOfFidelity(newVisitor)
    tellOfExpiry(newVisitor)
  })
  if (!inCookie) describe('one session, by both at the same time', () => tellOfRaces(newVisitor, sites))
}

/** What becomes of logins. */
export function tellOfSharedLogins(sites: () => TwoSites, { inCookie = false }: EngineTraits = {}): void {
  const newVisitor = (): Visitor => new Visitor(sites().django, sites().keepsake)
  describe('one login', () => {
    tellOfLogins(newVisitor, sites)
    tellOfLogouts(newVisitor, sites, inCookie)
  })
}

function tellOfCounts(newVisitor: () => Visitor, inCookie: boolean): void {
  it('what one side counts, the other side goes on counting', async () => {
    const visitor = newVisitor()
    expect(await visitor.django('/count')).toEqual({ count: 1 })
    const { key } = visitor
    expect(await visitor.keepsake('/count')).toEqual({ count: 2 })
    expect(await visitor.keepsake('/count')).toEqual({ count: 3 })
    expect(await visitor.django('/count')).toEqual({ count: 4 })
    expect(await visitor.keepsake('/dump')).toMatchObject({ data: { count: 4 }, user: null })
    if (!inCookie) expect(visitor.key).toBe(key)
  })

  it('a session that begins here is one that Django would have made', async () => {
    const visitor = newVisitor()
    expect(await visitor.keepsake('/count')).toEqual({ count: 1 })
    if (!inCookie) expect(visitor.key).toMatch(/^[a-z0-9]{32}$/)
    expect(await visitor.django('/dump')).toMatchObject({ key: visitor.key, json: '{"count": 1}' })
    expect(await visitor.django('/count')).toEqual({ count: 2 })
    expect(await visitor.keepsake('/count')).toEqual({ count: 3 })
  })

  it('a new key here keeps the data, and Django finds it under the new one', async () => {
    const visitor = newVisitor()
    await visitor.django('/count')
    const before = visitor.copy()
    await visitor.keepsake('/rotate')
    expect(await visitor.django('/count')).toEqual({ count: 2 })
    if (inCookie) return
    expect(visitor.key).not.toBe(before.key)
    expect(await before.django('/dump')).toMatchObject({ json: '{}' })
    expect(await before.keepsake('/dump')).toMatchObject({ data: {} })
  })
}

function tellOfFidelity(newVisitor: () => Visitor): void {
  it('what this side leaves alone, Django finds as it left it: types, order, digits', async () => {
    const visitor = newVisitor()
    const json =
      '{"b": 1.0, "10": [2.50, -0.0, 1e+22], "a": 123456789012345678901, "n": NaN, "ü": {"9": 1, "1": "\\u0001"}}'
    await visitor.django(`/put?json=${encodeURIComponent(json)}`)
    await visitor.keepsake('/count')
    const { json: left } = await visitor.django('/dump')
    const { json: asDjangoSays } = await new Promise<Record<string, unknown>>((resolve, reject) => {
      const other = newVisitor()
      const whole = `${json.slice(0, -1)}, "count": 1}`
      other
        .django(`/put?json=${encodeURIComponent(whole)}`)
        .then(() => other.django('/dump'))
        .then(resolve, reject)
    })
    expect(left).toBe(asDjangoSays)
  })

  it('integers beyond 2^53 are bigint here, and can be set', async () => {
    const visitor = newVisitor()
    await visitor.django('/put?json={"id":9007199254740993}')
    await visitor.keepsake('/put?json={"other":[1,"two",null,{"three":3.5}]}')
    expect(await visitor.django('/dump')).toMatchObject({
      json: '{"id": 9007199254740993, "other": [1, "two", null, {"three": 3.5}]}',
    })
  })

  it('who is logged in is no data of the program: it cannot be forged by a key', async () => {
    const visitor = newVisitor()
    await visitor.keepsake('/count')
    expect(await visitor.status('keepsake', '/put_now?json={"_auth_user_id":"1"}')).toBe(500)
    expect(await visitor.django('/dump')).toMatchObject({ json: '{"count": 1}' })
  })
}

function tellOfExpiry(newVisitor: () => Visitor): void {
  it('an expiry that one side chose holds on the other', async () => {
    const visitor = newVisitor()
    await visitor.django('/set_expiry?value=3600')
    const end = new Date(String((await visitor.keepsake('/dump')).end)).getTime()
    expect(Math.abs(end - Date.now() - 3_600_000)).toBeLessThan(60_000)
    await visitor.keepsake('/expire?when="30m"')
    expect(await visitor.django('/dump')).toMatchObject({ age: 1800, atClose: false })
    // Django 3.2 fails of a date, so this site tells alone that it keeps one.
    const date = new Date(Date.now() + 7_200_000)
    await visitor.keepsake(`/expire_at?when=${date.toISOString()}`)
    expect(await visitor.keepsake('/dump')).toMatchObject({ end: date.toISOString() })
    await visitor.keepsake('/expire?when="browser"')
    expect(await visitor.django('/dump')).toMatchObject({ atClose: true })
    await visitor.keepsake('/expire?when="default"')
    expect(await visitor.django('/dump')).toMatchObject({ age: 1_209_600, atClose: false })
  })
}

/** A user whom nobody else in the file knows. */
let users = 0
function newUser({ django }: TwoSites): { name: string; query: string } {
  const name = `ada${++users}`
  django.shell(`User.objects.create_user("${name}", "${name}@example.com", "the first password")`)
  return { name, query: `u=${name}&p=${encodeURIComponent('the first password')}` }
}

function tellOfLogins(newVisitor: () => Visitor, sites: () => TwoSites): void {
  it.each([
    ['django', 'keepsake'],
    ['keepsake', 'django'],
  ] as const)('who logs in with %s is known to %s, and keeps the cart', async (here, there) => {
    const { name, query } = newUser(sites())
    const visitor = newVisitor()
    await visitor[there]('/count')
    const before = visitor.key
    expect(await visitor[here](`/log_in?${query}`)).toEqual({ user: name })
    expect(visitor.key).not.toBe(before)
    expect(await visitor[there]('/whoami')).toMatchObject({ user: name })
    expect(await visitor[here]('/whoami')).toMatchObject({ user: name })
    expect(await visitor[there]('/count')).toEqual({ count: 2 })
    expect(await visitor[here]('/whoami')).toMatchObject({ user: name })
  })

  it('what another user left in a session is not handed on', async () => {
    const [first, second] = [newUser(sites()), newUser(sites())]
    const visitor = newVisitor()
    await visitor.django(`/log_in?${first.query}`)
    await visitor.django('/set_expiry?value=60')
    await visitor.django('/count')
    expect(await visitor.keepsake(`/log_in?${second.query}`)).toEqual({ user: second.name })
    expect(await visitor.django('/whoami')).toMatchObject({ user: second.name })
    expect(await visitor.django('/count')).toEqual({ count: 1 })
    expect(await visitor.django('/dump')).toMatchObject({ age: 1_209_600 })
  })

  it.each([
    ['django', 'keepsake'],
    ['keepsake', 'django'],
  ] as const)(
    'a password that is changed with %s ends the other sessions with %s too, and keeps this one',
    async (here, there) => {
      const { name, query } = newUser(sites())
      const [visitor, elsewhere] = [newVisitor(), newVisitor()]
      await visitor[here](`/log_in?${query}`)
      await elsewhere[there](`/log_in?${query}`)
      expect(await visitor[here]('/change_password?p=another+long+password')).toEqual({ user: name })
      expect(await elsewhere[there]('/whoami')).toMatchObject({ user: null })
      expect(await elsewhere[here]('/whoami')).toMatchObject({ user: null })
      expect(await visitor[there]('/whoami')).toMatchObject({ user: name })
      expect(await newVisitor()[there](`/log_in?${query}`)).toEqual({ user: null })
      const again = newVisitor()
      expect(await again[there](`/log_in?u=${name}&p=another+long+password`)).toEqual({ user: name })
      expect(await again[here]('/whoami')).toMatchObject({ user: name })
    },
  )
}

function tellOfLogouts(newVisitor: () => Visitor, sites: () => TwoSites, inCookie: boolean): void {
  it.each([
    ['django', 'keepsake'],
    ['keepsake', 'django'],
  ] as const)('a logout with %s is one with %s, for every window of the browser', async (here, there) => {
    const { name, query } = newUser(sites())
    const visitor = newVisitor()
    await visitor[there](`/log_in?${query}`)
    const copy = visitor.copy()
    await visitor[here]('/log_out')
    expect(visitor.key).toBeUndefined()
    for (const site of [here, there]) expect(await visitor[site]('/whoami')).toMatchObject({ user: null })
    // A copy of the cookie leads nowhere, unless the session is in it.
    for (const site of [there, here])
      expect(await copy[site]('/whoami')).toMatchObject({ user: inCookie ? name : null })
  })
}
