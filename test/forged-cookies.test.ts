import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withSessions } from '../src/adapters/fetch.ts'
import { cookies, type KeyedJar, keyRing } from '../src/cookies/index.ts'
import { encryptedCookie } from '../src/engines/encrypted-cookie.ts'
import { signedCookie } from '../src/engines/signed-cookie.ts'
import { createSessions, type SessionEvent, type Sessions } from '../src/index.ts'
import { memoryStore } from '../src/stores/memory.ts'
import { type Data, type Page, site } from './support/site.ts'
import { watched } from './support/watched-store.ts'

const secret = 'Nf0tN7mZ1xqzWqCkzjYxQ2c0u1n3vLhM8JrGdPpTwSE'
const cookieName = '__Host-session'
const macLength = 32

let events: SessionEvent[]
beforeEach(() => {
  events = []
})
afterEach(() => void vi.restoreAllMocks())

const onEvent = (event: SessionEvent): void => void events.push(event)

describe('a signed cookie that somebody made', () => isNoSession(signedCookie))
describe('an encrypted cookie that somebody made', () => isNoSession(encryptedCookie))

const pages: Record<string, Page> = {
  '/count': async session => (await session()).update('count', (n = 0) => n + 1),
  '/read': async session => (await session()).get('count') ?? null,
  '/login': async session => (await session()).rotate({ userId: 'ada' }),
  '/logout': async session => (await session()).destroy(),
}

function isNoSession(engineFor: typeof signedCookie): void {
  const sessionsWith = (options: object = {}): Sessions<Data> =>
    createSessions<Data>({ engine: engineFor({ secrets: secret, ...options }), onEvent })

  /** What a page answers to whoever sends this value. */
  const answer = (
    sessions: Sessions<Data>,
    path: string,
    value?: string,
    more: typeof pages = {},
  ): Promise<Response> => {
    const headers: Record<string, string> = value === undefined ? {} : { cookie: `${cookieName}=${value}` }
    return site(sessions, { ...pages, ...more })(new Request(`https://site.example${path}`, { headers }))
  }

  /** A visitor's value, which these sessions have opened just now. */
  async function realValue(sessions: Sessions<Data>, path = '/count'): Promise<string> {
    const value = setValues(await answer(sessions, path))[0] ?? ''
    expect(value.length).toBeGreaterThan(100)
    await answer(sessions, '/read', value)
    return value
  }

  /** Everything of every answer to these values, and each only once. */
  async function answersTo(values: readonly string[], sessions: Sessions<Data>): Promise<string[]> {
    const parse = vi.spyOn(JSON, 'parse')
    const answers = new Set<string>()
    for (const value of values) {
      const response = await answer(sessions, '/read', value)
      answers.add(`${response.status} ${await response.text()} ${JSON.stringify([...response.headers])}`)
    }
    expect(parse).not.toHaveBeenCalled()
    parse.mockRestore()
    return [...answers]
  }

  const empty = ['200 null [["content-type","application/json"],["vary","Cookie"]]']

  it('ASVS 9.1.1: with any bit flipped is the same empty session, and its JSON is never parsed', async () => {
    const sessions = sessionsWith()
    const value = await realValue(sessions)
    const flips = Array.from({ length: value.length * 8 }, (_, bit) => {
      const bytes = Buffer.from(value, 'latin1')
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return bytes.toString('latin1')
    })
    // No server lets control characters through.
    const sent = flips.filter(flipped => Buffer.from(flipped, 'latin1').every(byte => byte > 0x1f && byte !== 0x7f))
    expect(sent.length).toBeGreaterThan(700)
    expect(await answersTo(sent, sessions)).toEqual(empty)
    expect(await (await answer(sessions, '/read', value)).text()).toBe('1')
  })

  it('in any other way gets that same answer: status, headers and body (CVE-2010-3332)', async () => {
    const sessions = sessionsWith()
    const value = await realValue(sessions)
    const other = await realValue(sessions, '/login')
    const middle = value.length >> 1
    const bad = [
      ...[4, 15, 0].map(length => tagCut(value, length)),
      ...[
        value.slice(0, middle),
        value.slice(0, middle) + other.slice(middle),
        `${value}A`,
        `A${value}`,
        `~2.${value}`,
      ],
      ...[value.replace('v1', 'v2'), value.replace(/^v1\.[^.]*/, 'v1.'), `"${value}"`, encodeURIComponent(`${value}=`)],
      ...[Buffer.from('{"v":1,"d":{"count":1},"m":{}}').toString('base64url'), '{"v":1}', ''],
    ]
    expect(await answersTo(bad, sessions)).toEqual(empty)
    expect(events).toEqual(bad.map(() => ({ type: 'cookie-malformed' })))
  })

  it('by the jar, with the same secret, name and even purpose, gets that same answer too (CVE-2023-48309)', async () => {
    const sessions = sessionsWith()
    await realValue(sessions)
    const made: string[] = []
    for (const purpose of ['cookie', 'session']) {
      for (const name of [cookieName, 'other']) {
        made.push(...(await jarValues(sessions, jar => jar.setSigned(name, '{"v":1}', { purpose }))))
        made.push(...(await jarValues(sessions, jar => jar.setSealed(name, '{"v":1}', { purpose }))))
      }
    }
    expect(new Set(made).size).toBe(8)
    expect(await answersTo(made, sessions)).toEqual(empty)
  })

  it('winfunc 2025: ends no session, and leaves no note of one', async () => {
    const watch = watched(memoryStore())
    const sessions = createSessions<Data>({ engine: engineFor({ secrets: secret, revocations: watch.store }), onEvent })
    const value = await realValue(sessions)
    watch.calls.length = 0
    for (const forged of [tagCut(value, 4), `${value}A`, value.slice(0, -1), 'x'.repeat(22)]) {
      expect((await answer(sessions, '/logout', forged)).status).toBe(200)
    }
    expect(watch.calls).toEqual([])
    expect(await (await answer(sessions, '/read', value)).text()).toBe('1')
  })

  it('does not start with a secret that can be guessed, or without one', () => {
    for (const secrets of ['short', 'keyboard cat '.repeat(5), [secret, 'short'], `${secret.slice(0, 31)}`]) {
      expect(() => engineFor({ secrets })).toThrow(/SECRET_WEAK.*openssl rand/)
    }
    for (const secrets of ['', [], [secret, ''], undefined as never]) {
      expect(() => engineFor({ secrets })).toThrow('SECRET_MISSING')
    }
  })

  it('CVE-2021-34532, CVE-2023-20866: nothing of a real one stands in an event, an error, a log or what inspect shows', async () => {
    const said: string[] = []
    const log = (...parts: unknown[]): void =>
      void said.push(...parts.map(part => inspect(part, { depth: 12, showHidden: true })))
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      vi.spyOn(console, method).mockImplementation(log)
    }
    const sessions = sessionsWith()
    const more: typeof pages = {
      '/show': async session => log(await session(), await (await session()).toJSON()),
      '/grow': async session => (await session()).set('theme', 'x'.repeat(20_000)),
    }
    const held = [await realValue(sessions), await realValue(sessions, '/login')]
    for (const value of held) {
      for (const path of ['/show', '/grow', '/logout']) await answer(sessions, path, value, more).catch(log)
      await answer(sessions, '/read', `${value}A`)
    }
    log(events, sessions)
    const all = said.join('\n')
    expect(all).toContain('SESSION_TOO_LARGE')
    expect(all).toContain('cookie-malformed')
    for (const text of [...held, secret]) {
      // The first characters are the same in all values of one secret, and tell nothing.
      for (let at = 12; at + 16 <= text.length; at++) expect(all).not.toContain(text.slice(at, at + 16))
    }
  })

  /** The values that a jar with the same secret sets. */
  async function jarValues(sessions: Sessions<Data>, use: (jar: KeyedJar) => void): Promise<string[]> {
    const visit = withSessions(sessions, request => {
      use(cookies(request, keyRing(secret)))
      return new Response('')
    })
    return setValues(await visit(new Request('https://site.example/')))
  }
}

function setValues(response: Response): string[] {
  return response.headers.getSetCookie().map(line => line.slice(line.indexOf('=') + 1, line.indexOf(';')))
}

/** The value with so many bytes of its tag: of its MAC if it is signed, of the 16 bytes at the end of its box if it is sealed. */
function tagCut(value: string, length: number): string {
  const at = value.lastIndexOf('.') + 1
  const bytes = Buffer.from(value.slice(at), 'base64url')
  const tag = bytes.length === macLength ? macLength : 16
  return value.slice(0, at) + bytes.subarray(0, bytes.length - tag + length).toString('base64url')
}
