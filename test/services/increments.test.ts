import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createSessions } from '../../src/create-sessions.ts'
import { Browser, type Data, site } from '../support/site.ts'
import { mariadbDatabase, postgresDatabase } from './database/sql-database.ts'
import { describeWithService } from './describe-with-service.ts'
import { countTogether } from './increments.ts'
import { openStore, type StoreDescription } from './workers/store-description.ts'

const folder = mkdtempSync(join(tmpdir(), 'keepsake-increments-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('sqlite', () => {
  countsRight({ type: 'sqlite', file: join(folder, 'sessions.db') })
})

describeWithService('postgres', address => {
  const { connection } = postgresDatabase(address).address
  countsRight({ type: 'postgres', connection })
})

describeWithService('mariadb', address => {
  const { connection } = mariadbDatabase(address).address
  countsRight({ type: 'mariadb', connection })
})

function countsRight(description: StoreDescription): void {
  it('4 processes count to exactly 10,000 in one session, 50 requests of each at a time', async () => {
    const { store, close } = await openStore(description)
    const visitor = new Browser(
      site(createSessions<Data>({ store }), {
        '/begin': async session => (await session()).set('count', 0),
        '/read': async session => (await session()).get('count'),
      }),
    )
    await visitor.open('/begin')
    const order = { cookie: visitor.cookie ?? '', increments: 10_000, processes: 4, parallel: 50 }
    expect(await countTogether(description, order)).toEqual({ 200: 10_000 })
    expect(await visitor.see('/read')).toBe(10_000)
    await close()
  }, 120_000)
}
