import { DatabaseSync } from 'node:sqlite'
import { expect } from 'vitest'
import { withSessions } from '../src/adapters/fetch.ts'
import { dateText } from '../src/django/database-dialect.ts'
import { toPlain } from '../src/django/plain-value.ts'
import type { PythonValue } from '../src/django/python-value.ts'
import { decodeSession, encodeSession } from '../src/django/session-data.ts'
import { dbEngine } from '../src/django/sessions/db-engine.ts'
import { djangoSessions } from '../src/django/sessions/django-sessions.ts'
import type { Session } from '../src/session/session.ts'
import type { Sessions } from '../src/session/sessions.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a vector holds depends on its kind
type Fields = Record<string, any>
type View = (session: () => Promise<Session<Fields>>, database: DatabaseSync) => unknown

const secretKey = 'the key of these vectors'

/** The tables that Django made, as the vector of kind `db_schema` tells. */
const ddl = [
  'CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" datetime NOT NULL)',
  'CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date")',
]

export function checkSchema({ expected }: { readonly expected: Fields }): void {
  expect(ddl).toEqual(expected.ddl.filter((statement: string | null) => statement !== null))
}

const set =
  (values: Fields, when?: Parameters<Session<Fields>['setExpiry']>[0]): View =>
  async session => {
    const opened = await session()
    opened.assign(values)
    if (when !== undefined) opened.setExpiry(when)
  }
const read: View = async session => (await session()).get('a')
const destroy: View = async session => (await session()).destroy()
const untouched: View = () => undefined
const deleteRow = (database: DatabaseSync): void => database.exec('delete from django_session')

/** What the vectors' views do, in our words. */
const views: Readonly<Record<string, View>> = {
  ...{ untouched, save_every_new_empty: untouched, session_deleted_attr: untouched },
  ...{ unknownkey_untouched: untouched, existing_untouched: untouched },
  ...{ read, existing_read: read, vary_append: read, vary_star: read, vary_have: read },
  ...{ flush_nocookie: destroy, flush_cookie: destroy, flush_cookie_domain: destroy, existing_flush: destroy },
  ...{ write: set({ hello: 'world' }), write500: set({ hello: 'world' }), write503: set({ hello: 'world' }) },
  ...{
    write404: set({ hello: 'world' }),
    write_ss_none: set({ a: 1 }),
    browser_close: set({ a: 1 }),
    age: set({ a: 1 }),
  },
  ...{ set_expiry0: set({ a: 1 }, 'browser'), set_expiry300: set({ a: 1 }, '5m') },
  set_expiry_td: set({ a: 1 }, new Date(1_700_086_400_000)),
  ...{ unknownkey_write: set({ x: 1 }), existing_write: set({ b: 2 }), test_cookie: set({ testcookie: 'worked' }) },
  existing_clear: async session => (await session()).clear(),
  existing_delete_row_then_write: async (session, database) => {
    const opened = await session()
    deleteRow(database)
    opened.set('b', 2)
  },
  existing_read_then_row_deleted: async (session, database) => {
    await read(session, database)
    deleteRow(database)
  },
  nested_mutation_not_saved: async session => ((await session()).get('lst') as number[]).push(9),
  nested_mutation_modified: async session => {
    const opened = await session()
    opened.update('lst', (list: number[] = []) => [...list, 9])
  },
}

/** The cookie is sent again when the key or the end of the session changed; Django sends it at every save. */
const cookieNotSentAgain = ['existing_write', 'existing_clear', 'nested_mutation_modified']

/** Why a vector of this kind is not checked, by the end of its id. */
export const middlewareDifferences: Readonly<Record<string, string>> = {
  'dj5.2.17.write_secure': 'ours is always HttpOnly',
  'dj5.2.17.write_ss_false': 'ours always says SameSite',
  'dj5.2.17.set_expiry_neg': 'a negative duration is refused',
  'dj5.2.17.shortkey_untouched':
    'a request that does not touch the session costs nothing, and its cookie is left alone',
  'dj5.2.17.emptykey_untouched': 'as for shortkey_untouched',
  'dj5.2.17.unknownkey_read': 'the cookie of a session that is not there is left alone: it may be another one by now',
  'dj5.2.17.existing_save_every': 'ours are renewed by use, at most once per tenth of their idle timeout',
  'dj3.2.25.existing_save_every': 'as in 5.2.17',
  'dj5.2.17.cycle_key_new': 'nothing is stored for a visitor of whom there is nothing to remember',
  'dj3.2.25.write503': 'ours saves nothing with any status from 500 on, as Django does since 4.2',
  'dj3.2.25.set_expiry_td': 'ours writes the date as 4.1 and later do',
}

/** What a request to our site leaves behind, as the vectors describe it. */
export async function checkMiddleware({
  input,
  expected,
}: {
  readonly input: Fields
  readonly expected: Fields
}): Promise<void> {
  const view = views[input.view]
  if (!view) throw new Error(`no view ${input.view}`)
  const database = new DatabaseSync(':memory:')
  for (const statement of ddl) database.exec(statement)
  const ms = input.time * 1000
  const sessions = sessionsFor(input, database, () => ms)
  if (input.seeded_session) seed(database, input, ms)
  const handler = withSessions(sessions, async request => {
    await view(() => sessions.of(request), database)
    return new Response(null, { status: input.view_status, headers: input.view_headers })
  })
  const cookies = Object.entries(input.request_cookies ?? {}).map(([name, value]) => `${name}=${value}`)
  const headers = cookies.length > 0 ? { cookie: cookies.join('; ') } : {}
  const response = await handler(new Request('https://site.example/', { headers })).catch((error: Error) => error)
  if (expected.error) {
    expect(response instanceof Response && response.status).toBe(409)
    return
  }
  const { status, vary, set_cookie, saved_session } = expected.ok
  if (response instanceof Error) throw response
  expect([response.status, response.headers.get('Vary')]).toEqual([status, vary])
  const lines = cookieNotSentAgain.includes(input.view) ? [] : set_cookie
  expect(response.headers.getSetCookie().map(attributesOf)).toEqual(lines.map(attributesOf))
  expect(savedIn(database) ?? {}).toEqual(saved_session ?? {})
}

function sessionsFor({ settings }: Fields, database: DatabaseSync, clock: () => number): Sessions<Fields> {
  const { SESSION_COOKIE_SECURE: secure = false, SESSION_COOKIE_PATH: path, SESSION_COOKIE_DOMAIN: domain } = settings
  const sameSite = settings.SESSION_COOKIE_SAMESITE === 'None' ? 'none' : 'lax'
  const { SESSION_COOKIE_NAME: name = 'sessionid', SESSION_EXPIRE_AT_BROWSER_CLOSE: withBrowser = false } = settings
  return djangoSessions<Fields>({
    ...{ secretKey, clock, engine: dbEngine(database), idleTimeout: `${settings.SESSION_COOKIE_AGE ?? 1_209_600}s` },
    cookie: {
      ...{ name, secure, sameSite, persistent: !withBrowser },
      ...(path && { path }),
      ...(domain && { domain: domain.replace(/^\./, '') }),
    },
  })
}

function seed(database: DatabaseSync, { seeded_session, request_cookies }: Fields, now: number): void {
  const text = encodeSession(seeded_session, { secretKey, now })
  const [key] = Object.values<string>(request_cookies)
  const row = [String(key), text, dateText(now + 1_209_600_000)]
  database.prepare('insert into django_session values (?, ?, ?)').run(...row)
}

function savedIn(database: DatabaseSync): unknown {
  const row = database.prepare('select session_data as text from django_session').get()
  const read = row && decodeSession(String(row.text), { secretKey })
  return read?.ok ? toPlain(read.value as PythonValue) : null
}

/** A line of `Set-Cookie` as far as browsers tell: the key is random, and `expires` says again what `Max-Age` says. */
function attributesOf(line: string): string[] {
  const [first = '', ...rest] = line.split('; ')
  const isDeleted = rest.includes('Max-Age=0')
  const value = first.replace(/=[a-z0-9]{32}$/, '=a key').replace('=""', '=')
  const kept = rest.filter(part => !/^expires=/i.test(part) && !(isDeleted && part === 'HttpOnly'))
  return [value, ...kept.map(part => part.replace('Domain=.', 'Domain=')).sort()]
}
