import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { withSessions } from '../../adapters/fetch.ts'
import type { SessionEvent } from '../../events.ts'
import type { Session } from '../../session/session.ts'
import { dateText } from '../database-dialect.ts'
import { hasTwinKeys, toPlain } from '../plain-value.ts'
import type { PythonValue } from '../python-value.ts'
import { decodeSession, encodeSession } from '../session-data.ts'
import { dbEngine } from './db-engine.ts'
import { type DjangoSessionsOptions, djangoSessions } from './django-sessions.ts'
import { choiceIn } from './expiry-choice.ts'
import { redisCache } from './redis-cache.ts'
import { signedCookiesEngine } from './signed-cookies-engine.ts'

const secretKey = 'the site’s key'
const key = 'k'.repeat(32)
const day = 24 * 3600_000

type Data = Record<string, unknown>
type Page = (session: Session<Data>) => unknown

/** A site that has one session, of this text, and what a page does with it. */
function siteWith(text: string, options: Partial<DjangoSessionsOptions<Data>> = {}, end = Date.now() + 14 * day) {
  const database = new DatabaseSync(':memory:')
  database.exec('create table django_session (session_key text primary key, session_data text, expire_date text)')
  database.prepare('insert into django_session values (?, ?, ?)').run(key, text, dateText(end))
  const events: SessionEvent[] = []
  const onEvent = (event: SessionEvent): void => void events.push(event)
  const sessions = djangoSessions<Data>({ secretKey, engine: dbEngine(database), onEvent, ...options })
  const open = async (page: Page, cookie = `sessionid=${key}`): Promise<Response> => {
    const handler = withSessions(sessions, async request => {
      const session = await sessions.of(request)
      try {
        const shown = await page(session)
        await session.commit()
        return Response.json(shown ?? null)
      } catch (error) {
        return new Response(String(error), { status: 500 })
      }
    })
    return handler(new Request('https://site.example/', { headers: { cookie } }))
  }
  const stored = (): unknown => {
    const row = database.prepare('select session_data as text from django_session').get()
    const read = row && decodeSession(String(row.text), { secretKey })
    return read?.ok ? toPlain(read.value) : (row?.text ?? null)
  }
  const storedText = (): string =>
    String(database.prepare('select session_data as text from django_session').get()?.text)
  const endsAt = (): unknown => database.prepare('select expire_date as end from django_session').get()?.end
  return { open, stored, events, endsAt, text: storedText }
}

const textOf = (value: PythonValue): string => encodeSession(value, { secretKey })

describe('a session that cannot be read', () => {
  const foreign = encodeSession({ cart: ['tea'] }, { secretKey: 'a key that was rotated away' })

  it('reads as empty, and is not written over: the error says what to do', async () => {
    const { open, stored, events } = siteWith(foreign)
    expect(await (await open(session => session.toObject())).json()).toEqual({})
    expect(events).toMatchObject([{ type: 'record-corrupt' }])
    expect(await (await open(session => session.set('a', 1))).text()).toMatch(/RECORD_UNREADABLE.*fallbacks/)
    expect(stored()).toBe(foreign)
  })

  it('is read with the key that signed it, and signed with the new one', async () => {
    const { open, stored } = siteWith(foreign, { fallbacks: ['a key that was rotated away'] })
    await open(session => session.set('a', 1))
    expect(stored()).toEqual({ cart: ['tea'], a: 1 })
  })

  it('is given up where the program says so, as Django gives it up', async () => {
    const { open, stored } = siteWith(foreign, { unreadable: 'replace' })
    await open(session => session.set('a', 1))
    expect(stored()).toEqual({ a: 1 })
  })

  it('can be ended', async () => {
    const { open, stored } = siteWith(foreign)
    await open(session => session.destroy())
    expect(stored()).toBeNull()
  })

  it.each([
    ['text', textOf('text')],
    ['a list', textOf([1, 2])],
    ['a signed 3', textOf(3)],
    ['nothing that is signed', 'garbage'],
  ])('%s is no session', async (_, text) => {
    const { open, stored } = siteWith(text)
    expect((await open(session => session.set('a', 1))).status).toBe(500)
    expect((await open(session => session.toObject())).status).toBe(200)
    expect(stored()).not.toEqual({ a: 1 })
  })
})

describe('a session of Django', () => {
  it('that is only read is renewed at most once per tenth of its age, and written as it was', async () => {
    const end = Date.now() + 13 * day
    const { open, endsAt, stored } = siteWith(textOf({ a: 1 }), {}, end)
    await open(session => session.get('a'))
    expect(endsAt()).toBe(dateText(end))
    const late = siteWith(textOf({ a: 1 }), {}, Date.now() + 2 * day)
    const response = await late.open(session => session.get('a'))
    expect(response.headers.getSetCookie()).toMatchObject([
      expect.stringMatching(/^sessionid=k{32}; .*Max-Age=1209600/),
    ])
    expect(String(late.endsAt()) > dateText(Date.now() + 13.9 * day)).toBe(true)
    expect(late.stored()).toEqual({ a: 1 })
    expect(stored()).toEqual({ a: 1 })
  })

  it('that is over is over, whatever the cookie and the sweeper say', async () => {
    const { open, events } = siteWith(textOf({ a: 1 }), {}, Date.now() - 1)
    expect(await (await open(session => session.toObject())).json()).toEqual({})
    expect(events).toMatchObject([{ type: 'session-expired' }])
  })

  it('keeps what a schema does not know: it is the other side’s', async () => {
    const schema = z.object({ count: z.number().default(0) })
    const { open, stored } = siteWith(textOf({ _csrftoken: 'x', wizard: { step: 2 }, count: 1 }), { schema })
    await open(session => session.set('count', 2))
    expect(stored()).toEqual({ _csrftoken: 'x', wizard: { step: 2 }, count: 2 })
  })

  it('does not fit the schema: it is not written over', async () => {
    const { open, stored } = siteWith(textOf({ count: 'two' }), { schema: z.object({ count: z.number() }) })
    expect((await open(session => session.set('count', 2))).status).toBe(500)
    expect(stored()).toEqual({ count: 'two' })
  })

  it('is not given to a user without Django’s hash: Django would end it', async () => {
    const { open, stored } = siteWith(textOf({ a: 1 }))
    const response = await open(session => session.rotate({ userId: '7' }))
    expect(await response.text()).toMatch(/djangoLogin/)
    expect(stored()).toEqual({ a: 1 })
  })

  it.each(['x', '', 'K'.repeat(32), '../../etc/passwd', 'a'.repeat(41), `${key}\u0000`, '%', '"k"'])(
    'has no key like %j: the store is not asked, and nothing is thrown',
    async value => {
      const { open } = siteWith(textOf({ a: 1 }))
      const response = await open(session => session.toObject(), `sessionid=${encodeURI(value)}`)
      expect([response.status, await response.json()]).toEqual([200, {}])
    },
  )
})

it('a session that Django wrote before 3.1 is read where the program says so, and then written as of today', async () => {
  const { vectors } = JSON.parse(readFileSync('test/django-vectors.json', 'utf8'))
  const { input, expected } = vectors.find(
    (vector: { id: string }) => vector.id === 'main.session_encode_legacy_pre31.dj3.2.25.count',
  )
  const { SECRET_KEY: siteKey, session: data } = input
  const closed = siteWith(expected.session_data, { secretKey: siteKey })
  expect((await closed.open(session => session.set('b', 2))).status).toBe(500)
  expect(closed.stored()).toBe(expected.session_data)
  const { open, text } = siteWith(expected.session_data, { secretKey: siteKey, legacy: true })
  expect(await (await open(session => session.toObject())).json()).toEqual(data)
  await open(session => session.set('b', 2))
  const read = decodeSession(text(), { secretKey: siteKey })
  expect(read.ok && toPlain(read.value)).toEqual({ ...data, b: 2 })
})

describe('more than a session can hold', () => {
  it.each([
    ['a list of 20,000 numbers', Array.from({ length: 20_000 }, (_, i) => i)],
    ['a text of 300,000 letters', 'x'.repeat(300_000)],
  ])('is refused when it is set, not turned into null: %s', async (_, value) => {
    const { open, stored } = siteWith(textOf({ a: 1 }))
    expect(await (await open(session => session.set('big', value))).text()).toMatch(/VALUE_INVALID/)
    expect(stored()).toEqual({ a: 1 })
  })

  it.each([
    ['texts that are large together', 'x'.repeat(100_000)],
    ['values that are many together', Array.from({ length: 6000 }, () => 0)],
  ])('is refused when it is saved, and the session stays as it was: %s', async (_, value) => {
    const { open, stored } = siteWith(textOf({ a: 1 }))
    for (const name of ['one', 'two']) expect((await open(session => session.set(name, value))).status).toBe(200)
    expect(await (await open(session => session.set('three', value))).text()).toMatch(/SESSION_TOO_LARGE/)
    expect(stored()).toEqual({ a: 1, one: value, two: value })
    expect(await (await open(session => session.get('a'))).json()).toBe(1)
  })

  it('is refused for a cache too, where a short pickle can unfold to more', () => {
    const { text } = redisCache(new Redis({ lazyConnect: true }))
    const repeated = Array.from({ length: 300 }, () => 'x'.repeat(1000))
    expect(() => text.write(new Map([['all', repeated]]))).toThrow('SESSION_TOO_LARGE')
    expect(text.read(text.write(new Map([['some', repeated.slice(0, 200)]])))).toBeInstanceOf(Map)
  })
})

describe('a session in a cookie', () => {
  it('of more than a cookie holds is refused, since Django reads no chunks', async () => {
    const { open } = siteWith('', { engine: signedCookiesEngine() })
    const text = Array.from({ length: 6000 }, () => Math.random().toString(36)[2]).join('')
    expect(await (await open(session => session.set('text', text), 'x=y')).text()).toMatch(/SESSION_TOO_LARGE/)
  })

  it.each(['', 'x', ':::', 'a:b:c', `.${'A'.repeat(3000)}:x:y`])('%.20j is none, and no error', async value => {
    const { open } = siteWith('', { engine: signedCookiesEngine() })
    const response = await open(session => session.toObject(), `sessionid=${value}`)
    expect([response.status, await response.json()]).toEqual([200, {}])
  })
})

describe('bad configuration does not start', () => {
  it.each<[RegExp, object]>([
    [/secretKey or a fallback is empty/, { secretKey: '' }],
    [/secretKey or a fallback is empty/, { fallbacks: [''] }],
    [/engine is missing/, { engine: undefined }],
    [/OPTION_INVALID/, { store: {} }],
    [/DURATION_INVALID/, { idleTimeout: 'soon' }],
  ])('%s', (message, options) => {
    const all = { secretKey, engine: signedCookiesEngine(), ...options }
    expect(() => djangoSessions(all as DjangoSessionsOptions<Data>)).toThrow(message)
  })
})

it('keys that are one text to JavaScript are found at any depth', () => {
  const twins = new Map<string | number, PythonValue>([
    ['1', 'text'],
    [1, 'int'],
  ])
  expect([hasTwinKeys(twins), hasTwinKeys([{ a: twins }]), hasTwinKeys({ a: [1, '1'] })]).toEqual([true, true, false])
})

it('an end after the last date of Python is refused: Django would fail of the session', async () => {
  for (const when of [new Date('+010000-01-01T00:00:00Z'), '9000000d'] as const) {
    const { open, stored } = siteWith(textOf({ a: 1 }))
    expect(await (await open(session => session.setExpiry(when))).text()).toMatch(/VALUE_INVALID.*9999/)
    expect(stored()).toEqual({ a: 1 })
  }
})

it('an expiry that Python has in True, or in a fraction of nine digits, is understood, and stays as it was', async () => {
  const text = '2090-01-02T03:04:05.123456789+00:00'
  expect(choiceIn(true)).toEqual({ type: 'idle', ms: 1000 })
  expect(choiceIn(text)).toEqual({ type: 'at', ms: Date.UTC(2090, 0, 2, 3, 4, 5, 123) })
  for (const expiry of [true, text]) {
    const { open, stored } = siteWith(textOf({ a: 1, _session_expiry: expiry }))
    await open(session => session.set('b', 2))
    expect(stored()).toEqual({ a: 1, _session_expiry: expiry, b: 2 })
  }
})
