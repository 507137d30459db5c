import pgSimple from 'connect-pg-simple'
import { RedisStore } from 'connect-redis'
import session from 'express-session'
import pg from 'pg'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expressStore } from '../../../src/stores/express-store.ts'
import type { SessionStore } from '../../../src/stores/store.ts'
import { describeSessionStore } from '../../../src/testing/describe-session-store.ts'
import { newId, newRecord } from '../../../src/testing/store-contract/samples.ts'
import { describeWithService } from '../describe-with-service.ts'
import { logOutMeanwhile } from '../late-requests.ts'
import { loggedIn, spellingsOf } from '../visitors.ts'

/** What holds of every one of these stores, in one process. */
function tellOf(name: string, open: () => SessionStore, dump: () => Promise<string>): void {
  describeSessionStore(`expressStore on ${name}`, open, { describe, it })

  it('of 1,000 visitors who logged out, none comes back by a slow request that saves afterwards, or in the same moment', async () => {
    const store = open()
    for (let batch = 0; batch < 20; batch++) {
      const moment = batch % 2 ? 'after the logout' : 'during the logout'
      const { answers, back } = await logOutMeanwhile(store, 50, moment)
      expect(back).toBe(0)
      expect(answers.filter(({ status, cookie }) => status !== 200 && cookie)).toEqual([])
      expect(answers.filter(({ status }) => status !== 200 && status !== 409)).toEqual([])
    }
  })

  it('shows no token to who reads it, in no spelling', async () => {
    const { token } = await loggedIn('Ada', open())
    const text = await dump()
    expect(text).toContain('Ada')
    for (const spelling of spellingsOf(token)) expect(text).not.toContain(spelling)
  })
}

describeWithService('redis', address => {
  const client = createClient({ socket: address })
  beforeAll(async () => void (await client.connect()))
  afterAll(() => client.destroy())
  const store = expressStore(new RedisStore({ client, prefix: 'express:' }))

  tellOf(
    'connect-redis',
    () => store,
    async () => {
      const keys = await client.keys('express:*')
      return `${keys} ${await client.mGet(keys)}`
    },
  )

  it('lets Redis forget a session when it ends', async () => {
    const id = newId()
    await store.create(id, newRecord())
    expect(await client.pTTL(`express:${id}`)).toBeCloseTo(3_600_000, -4)
    const { version } = (await store.read(id)) ?? { version: '' }
    await store.replace({ id, version }, id, newRecord({ expiresAt: new Date(Date.now() + 7_200_000) }))
    expect(await client.pTTL(`express:${id}`)).toBeCloseTo(7_200_000, -4)
  })
})

describeWithService('postgres', ({ connection }) => {
  const pool = new pg.Pool(connection)
  const PgStore = pgSimple(session)
  const pgStore = new PgStore({
    pool,
    tableName: 'express_session',
    createTableIfMissing: true,
    pruneSessionInterval: false,
  })
  afterAll(() => pool.end())
  const store = expressStore(pgStore)

  tellOf(
    'connect-pg-simple',
    () => store,
    async () => {
      const { rows } = await pool.query('select sid, sess::text from express_session')
      return JSON.stringify(rows)
    },
  )

  it('lets PostgreSQL forget a session when it ends', async () => {
    const [id, expiresAt] = [newId(), new Date(Date.now() + 3_600_000)]
    await store.create(id, newRecord({ expiresAt }))
    const { rows } = await pool.query(
      'select extract(epoch from expire)::float8 as end from express_session where sid = $1',
      [id],
    )
    expect(rows[0].end).toBeCloseTo(expiresAt.getTime() / 1000, -1)
  })
})
