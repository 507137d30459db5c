import { DatabaseSync } from 'node:sqlite'
import { expect } from 'vitest'
import { withSessions } from '../src/adapters/fetch.ts'
import { djangoLogin } from '../src/django/login.ts'
import { toPlain } from '../src/django/plain-value.ts'
import type { PythonValue } from '../src/django/python-value.ts'
import { planLogin } from '../src/django/session-auth.ts'
import { decodeSession, encodeSession } from '../src/django/session-data.ts'
import { dbEngine } from '../src/django/sessions/db-engine.ts'
import { djangoSessions } from '../src/django/sessions/django-sessions.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a vector holds depends on its kind
type Fields = Record<string, any>

const modelBackend = 'django.contrib.auth.backends.ModelBackend'

/** A login, by its plan and as a site does it: what the session holds then, and whether the old key still leads to it. */
export async function checkLogin(given: PythonValue, input: Fields, expected: Fields): Promise<void> {
  const before = new Map<string, unknown>(Object.entries(input.session_before))
  const user = { id: String(input.user_pk), password: input.password_field, backend: modelBackend }
  const plan = planLogin(before, user, input.SECRET_KEY)
  const keyAfter = { flush: null, cycle: input.next_new_key, keep: input.key_before }
  expect(keyAfter[plan.before]).toBe(expected.session_key)

  const { rows, csrfSecret } = await loggedIn(given, user, input)
  expect(rows).toEqual([{ key: expect.not.stringMatching(input.key_before), session: expected.session }])
  expect(csrfSecret).toMatch(/^[A-Za-z0-9]{32}$/)
}

async function loggedIn(given: PythonValue, user: { id: string; password: string }, input: Fields) {
  const [secretKey, database] = [input.SECRET_KEY, new DatabaseSync(':memory:')]
  database.exec('create table django_session (session_key text primary key, session_data text, expire_date text)')
  const insert = database.prepare('insert into django_session values (?, ?, ?)')
  insert.run(input.key_before, encodeSession(given, { secretKey }), '2999-01-01 00:00:00')
  const sessions = djangoSessions<Fields>({ secretKey, engine: dbEngine(database) })
  let csrfSecret = ''
  const handler = withSessions(sessions, async request => {
    const users = { update: async () => 'updated' as const }
    csrfSecret = (await djangoLogin(await sessions.of(request), user, { secretKey, users })).csrfSecret
    return new Response()
  })
  await handler(new Request('https://site.example/', { headers: { cookie: `sessionid=${input.key_before}` } }))
  const rows = database.prepare('select session_key as key, session_data as text from django_session').all()
  const read = (text: unknown): unknown => {
    const session = decodeSession(String(text), { secretKey })
    return session.ok && toPlain(session.value)
  }
  return { csrfSecret, rows: rows.map(({ key, text }) => ({ key, session: read(text) })) }
}
