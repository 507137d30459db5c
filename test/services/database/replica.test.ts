import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DatabaseStore, databaseStore } from '../../../src/stores/database/database-store.ts'
import type { Browser } from '../../support/site.ts'
import { describeWhereInstalled } from '../describe-with-service.ts'
import type { SqlAddress } from '../postgres.ts'
import { startReplicatedPostgres } from '../postgres-replica.ts'
import { loggedIn, samePerson } from '../visitors.ts'
import { until } from './sql-database.ts'

describeWhereInstalled('postgres', () => {
  let servers: Awaited<ReturnType<typeof startReplicatedPostgres>>
  let onPrimary: DatabaseStore
  let onReplica: DatabaseStore
  let cleo: Browser
  const pools: pg.Pool[] = []
  const storeOn = ({ connection }: SqlAddress): DatabaseStore => {
    const pool = new pg.Pool(connection)
    pools.push(pool)
    return databaseStore(pool)
  }
  beforeAll(async () => {
    servers = await startReplicatedPostgres('5s')
    onPrimary = storeOn(servers.primary)
    onReplica = storeOn(servers.replica)
    await onPrimary.migrate()
    cleo = await loggedIn('cleo', onPrimary)
  })
  afterAll(async () => {
    for (const pool of pools) await pool.end()
    await servers?.stop()
  })

  it('given the primary, each request sees what the one before it did; a replica would show it seconds later', async () => {
    const visitor = await loggedIn('ada', onPrimary)
    await until(async () => (await samePerson(visitor, onReplica).open('/name')).ok)
    await until(async () => (await samePerson(visitor, onReplica).see('/name')) === 'ada')
    // This machine may stand still for longer than the replica is behind: then the replica is asked too late, and once more.
    let count = 0
    await until(async () => {
      expect(await visitor.see('/count')).toBe(++count)
      const late = await samePerson(visitor, onReplica).see('/data')
      expect(await visitor.see('/data')).toEqual({ name: 'ada', count })
      return (late as { count?: number }).count !== count
    })
    const { cookie: before } = visitor
    const old = samePerson(visitor, onPrimary)
    await visitor.see('/rotate')
    expect(visitor.cookie).not.toBe(before)
    expect([await visitor.see('/name'), await old.see('/name')]).toEqual(['ada', null])
    const loggedOut = samePerson(visitor, onPrimary)
    await visitor.see('/logout')
    expect(await loggedOut.see('/name')).toBeNull()
  })

  it('given a replica, a session that has ended is still found, which is why it is not to be given one', async () => {
    await until(async () => {
      const visitor = await loggedIn('bob', onPrimary)
      const elsewhere = samePerson(visitor, onReplica)
      await until(async () => (await elsewhere.see('/name')) === 'bob')
      await visitor.see('/logout')
      return (await elsewhere.see('/name')) === 'bob'
    })
  })

  it('given a replica, nothing can be saved: the answer is 503, and the visitor keeps the cookie', async () => {
    const elsewhere = samePerson(cleo, onReplica)
    await until(async () => (await elsewhere.see('/name')) === 'cleo')
    for (const path of ['/count', '/rotate', '/logout']) {
      const answer = await elsewhere.open(path)
      expect([path, answer.status, answer.headers.getSetCookie()]).toEqual([path, 503, []])
    }
    expect(await cleo.see('/data')).toEqual({ name: 'cleo' })
  })
})
