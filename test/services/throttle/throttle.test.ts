import mysql from 'mysql2'
import pg from 'pg'
import { RateLimiterMySQL, RateLimiterPostgres, RateLimiterRedis } from 'rate-limiter-flexible'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ThrottleLimiter } from '../../../src/auth/throttle/limiter.ts'
import type { ThrottleOptions } from '../../../src/auth/throttle/options.ts'
import { createThrottle, type LoginAttempt, type Throttle } from '../../../src/auth/throttle/throttle.ts'
import { mariadbDatabase, postgresDatabase } from '../database/sql-database.ts'
import { describeWithService } from '../describe-with-service.ts'
import { clientsOfOne, type OpenClient } from '../redis/clients.ts'

type MakeLimiter = NonNullable<ThrottleOptions['limiter']>

const attempts = (account: string, count: number): LoginAttempt[] =>
  Array.from({ length: count }, (_, n) => ({ account, address: `192.0.2.${n % 200}` }))

/** What counters have to do that several processes share: here, two throttles with a limiter each. */
function throttles(prepare: () => Promise<MakeLimiter>): void {
  const pair: Throttle[] = []
  beforeAll(async () => {
    // The servers' clocks go on meanwhile: a delay that the tests do not see the end of, and patience on a busy machine.
    const options = { networkAttempts: 1000, firstDelay: '15m', storeDeadline: '1m' } as const
    for (let i = 0; i < 2; i++) pair.push(createThrottle({ ...options, limiter: await prepare() }))
  })
  const guesses = async (all: readonly LoginAttempt[]): Promise<number> => {
    const admissions = await Promise.all(all.map((attempt, n) => pair[n % 2]?.attempt(attempt)))
    return admissions.filter(admission => admission?.allowed).length
  }

  it('1,000 parallel guesses on one account, in two processes: the limit, 5, of them are tried', async () => {
    expect(await guesses(attempts('ada', 1000))).toBe(5)
    const [refused] = await Promise.all([pair[0]?.attempt({ account: 'ada', address: '192.0.2.250' })])
    expect(refused).toMatchObject({ allowed: false })
    if (refused?.allowed === false) expect(refused.retryAfterMs).toBeLessThanOrEqual(900_000)
  })

  it('the owner on a known device is let in meanwhile, and is then without failures', async () => {
    await guesses(attempts('bob', 100))
    const owner = { account: 'bob', address: '192.0.2.1', knownDevice: 'phone' }
    expect(await guesses(Array(20).fill(owner))).toBe(5)
    await pair[0]?.succeeded(owner)
    expect(await guesses(Array(20).fill(owner))).toBe(5)
  })

  it('a login clears the account in every process', async () => {
    await guesses(attempts('eve', 100))
    await pair[0]?.succeeded({ account: 'eve', address: '192.0.2.1' })
    expect(await pair[1]?.attempt({ account: 'eve', address: '192.0.2.1' })).toEqual({ allowed: true })
  })

  it('one network is limited over all accounts', async () => {
    const spray = Array.from({ length: 1200 }, (_, n) => ({ account: `user-${n}`, address: `2001:db8::${n}` }))
    expect(await guesses(spray)).toBe(1000)
  })
}

describeWithService('redis', address => {
  describe.each(Object.keys(clientsOfOne))('through %s', name => {
    const open: OpenClient[] = []
    afterAll(() => open.forEach(({ close }) => void close()))
    throttles(async () => {
      const opened = await clientsOfOne[name]?.(address)
      if (!opened) throw new Error(`no client ${name}`)
      open.push(opened)
      const isNodeRedis = name.endsWith('node-redis')
      return options =>
        new RateLimiterRedis({
          ...options,
          keyPrefix: `${options.keyPrefix} ${name}`,
          storeClient: opened.client,
          useRedisPackage: isNodeRedis,
        })
    })
  })
})

/** A limiter that creates its table first, once that is done. */
async function withTable(make: (ready: (error?: Error) => void) => ThrottleLimiter): Promise<MakeLimiter> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const limiter = make(error => (error ? reject(error) : resolve()))
  await promise
  return () => limiter
}

const tableOptions = { keyPrefix: 'keepsake_throttle', tableName: 'keepsake_throttle', points: 1, duration: 1 }

describeWithService('postgres', address => {
  const database = postgresDatabase(address)
  const pools: pg.Pool[] = []
  afterAll(() => Promise.all(pools.map(pool => pool.end())))
  throttles(() => {
    const storeClient = new pg.Pool(database.address.connection)
    pools.push(storeClient)
    return withTable(ready => new RateLimiterPostgres({ ...tableOptions, storeClient }, ready))
  })
})

describeWithService('mariadb', address => {
  const { connection } = mariadbDatabase(address).address
  const pools: mysql.Pool[] = []
  afterAll(() => Promise.all(pools.map(pool => pool.promise().end())))
  throttles(() => {
    const storeClient = mysql.createPool(connection)
    pools.push(storeClient)
    const dbName = connection.database ?? ''
    return withTable(ready => new RateLimiterMySQL({ ...tableOptions, dbName, storeClient }, ready))
  })
})
