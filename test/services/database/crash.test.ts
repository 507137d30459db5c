import mysql from 'mysql2'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSessions } from '../../../src/create-sessions.ts'
import { type DatabaseHandle, databaseStore } from '../../../src/stores/database/database-store.ts'
import { Browser, type Data, site } from '../../support/site.ts'
import { describeWhereInstalled } from '../describe-with-service.ts'
import { startMariadb } from '../mariadb.ts'
import { type SqlConnectionOptions, startPostgres } from '../postgres.ts'
import type { Server } from '../server.ts'
import { until } from './sql-database.ts'

type SqlServer = Awaited<ReturnType<typeof startPostgres>>

describeWhereInstalled('postgres', () => {
  survivesCrashes(startPostgres, connection => {
    const pool = new pg.Pool(connection)
    return { handle: pool, end: () => pool.end() }
  })
})

describeWhereInstalled('mariadb', () => {
  survivesCrashes(startMariadb, connection => {
    const pool = mysql.createPool(connection)
    return { handle: pool, end: () => pool.promise().end() }
  })
})

function survivesCrashes(
  start: () => Promise<SqlServer>,
  connect: (connection: SqlConnectionOptions) => { handle: DatabaseHandle; end: () => Promise<void> },
): void {
  let server: Server
  let pool: ReturnType<typeof connect>
  let open: (cookie?: string) => Browser

  beforeAll(async () => {
    const started = await start()
    server = started
    pool = connect(started.address.connection)
    const store = databaseStore(pool.handle)
    await store.migrate()
    const visit = site(createSessions<Data>({ store }), {
      '/count': async session => (await session()).update('count', (n = 0) => n + 1),
      '/read': async session => (await session()).get('count') ?? null,
    })
    open = cookie => new Browser(visit, cookie)
  })
  afterAll(async () => {
    await pool?.end()
    await server?.stop()
  })

  it('visitors get 503 while the server is away, and find what was saved when it is back', async () => {
    const visitor = open()
    await visitor.see('/count')
    const { cookie } = visitor
    const statuses: number[] = []
    let over = false
    const traffic = Array.from({ length: 4 }, async () => {
      const tab = open(cookie)
      while (!over) {
        const answer = await tab.open('/count')
        statuses.push(answer.status)
        await new Promise(resolve => setImmediate(resolve))
      }
      return tab.cookie
    })
    await until(async () => statuses.length > 50)
    await server.crash()
    // A server's child processes may live for a moment longer than the server.
    let away = await visitor.open('/read')
    for (; away.status === 200; away = await visitor.open('/read')) await new Promise(resolve => setImmediate(resolve))
    expect([away.status, away.headers.get('retry-after'), away.headers.getSetCookie()]).toEqual([503, '1', []])
    await server.restart()
    await until(async () => (await visitor.open('/read')).status === 200)
    const backAt = statuses.length
    await until(async () => statuses.slice(backAt).includes(200))
    over = true

    expect(await Promise.all(traffic)).toEqual([cookie, cookie, cookie, cookie])
    expect(new Set(statuses)).toEqual(new Set([200, 503]))
    // The first visit counts too. Where the answer to a save was cut off, nobody can know whether it was done.
    const [saved, unknown] = [1 + count(statuses, 200), count(statuses, 503)]
    const counted = Number(await visitor.see('/read'))
    expect(counted).toBeGreaterThanOrEqual(saved)
    expect(counted).toBeLessThanOrEqual(saved + unknown)
  })
}

function count(statuses: readonly number[], status: number): number {
  return statuses.filter(other => other === status).length
}
