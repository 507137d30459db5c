import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { withSessions } from '../../adapters/fetch.ts'
import { encodeSession } from '../session-data.ts'
import type { DjangoCache } from './cache.ts'
import { cachedDbEngine } from './cache-engine.ts'
import { djangoSessions } from './django-sessions.ts'
import { signedText } from './signed-text.ts'

const secretKey = 'the site’s key'
const key = 'k'.repeat(32)

/** A cache of which only the first removals succeed; what it was asked to remove, and whether the row was there yet. */
function siteWhoseCacheRemoves(times: number) {
  const database = new DatabaseSync(':memory:')
  database.exec('create table django_session (session_key text primary key, session_data text, expire_date text)')
  const insert = database.prepare('insert into django_session values (?, ?, ?)')
  insert.run(key, encodeSession({ cart: 1 }, { secretKey }), '2999-01-01 00:00:00')
  const keys = () =>
    database
      .prepare('select session_key as key from django_session')
      .all()
      .map(row => row.key)
  const removed: unknown[] = []
  const cache: DjangoCache = {
    text: signedText({ secrets: { secretKey }, cookieName: 'sessionid', idleMs: 1, now: Date.now }),
    store: () => ({
      read: async () => null,
      create: async () => true,
      replace: async () => true,
      async delete(name) {
        if (removed.length === times) throw new Error('the cache is down')
        removed.push([name, keys().includes(name)])
      },
    }),
  }
  const sessions = djangoSessions({ secretKey, engine: cachedDbEngine(database, cache), onEvent: () => undefined })
  const handler = withSessions(sessions, async request => {
    const session = await sessions.of(request)
    session.rotate()
    return new Response()
  })
  const rotate = async (): Promise<string[]> => {
    const request = new Request('https://site.example/', { headers: { cookie: `sessionid=${key}` } })
    const response = await handler(request).catch(error => new Response(String(error), { status: 503 }))
    return response.status === 200 ? response.headers.getSetCookie() : [`${response.status}`]
  }
  return { rotate, keys, removed }
}

it('while its cache is down, a session keeps the key that the browser has: nothing changes by halves', async () => {
  const { rotate, keys } = siteWhoseCacheRemoves(0)
  expect(await rotate()).toEqual(['503'])
  expect(keys()).toEqual([key])
})

it('a cache that goes down while a session is saved costs no login: the browser gets the new key', async () => {
  const { rotate, keys, removed } = siteWhoseCacheRemoves(1)
  const [cookie = ''] = await rotate()
  expect(keys()).toEqual([/^sessionid=(\w{32});/.exec(cookie)?.[1]])
  expect(removed).toEqual([[key, true]])
})

it('what Django reads into the cache while a session is saved leaves it too', async () => {
  const { rotate, removed } = siteWhoseCacheRemoves(2)
  await rotate()
  expect(removed).toEqual([
    [key, true],
    [key, false],
  ])
})
