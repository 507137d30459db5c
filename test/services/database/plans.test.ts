import { type CompiledQuery, Kysely } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { databaseStore } from '../../../src/stores/database/database-store.ts'
import { insertRows } from './many-rows.ts'
import { createMany, expiredRecord, findAll, newId, newRecord, newUser, readExisting } from './samples.ts'
import { describeOnServers, type SqlDatabase } from './sql-database.ts'

// PostgreSQL reads the whole of a table rather than to use an index sooner the smaller that is.
describe.each([5_000, 20_000])('among %i records', rows =>
  describeOnServers(database => {
    const ran: CompiledQuery[] = []
    const kysely = new Kysely<unknown>({
      dialect: database.dialect(),
      log: ({ query }) => void ran.push(query),
    })
    const store = databaseStore(kysely, { index: ['accountId'] })

    beforeAll(async () => {
      await store.migrate()
      await insertRows(database, rows, 'n')
    })

    /** The plans of the statements that a call ran. */
    async function plansOf(call: () => Promise<unknown>): Promise<string[]> {
      ran.length = 0
      await call()
      const statements = ran.filter(({ sql }) => /^\s*(select|insert|update|delete|with)/.test(sql))
      return Promise.all(statements.map(query => explain(database, kysely, query)))
    }

    it('looks up, finds, replaces and removes by an index', async () => {
      const [id, user, record] = [newId(), newUser(), newRecord()]
      await store.create(id, { ...record, index: { userId: user } })
      const { version } = await readExisting(store, id)
      const calls = {
        read: () => store.read(id),
        replace: () => store.replace({ id, version }, id, record),
        delete: () => store.delete(newId()),
        find: () => findAll(store, 'userId', user),
        findByOption: () => findAll(store, 'accountId', user),
        deleteBy: () => store.deleteBy('userId', user, { except: id }),
      }
      for (const [name, call] of Object.entries(calls)) {
        const [plan, ...others] = await plansOf(call)
        expect([name, plan]).toEqual([name, expect.stringMatching(/^index /)])
        expect(others).toEqual([])
      }
    })

    it('looks up and replaces what is asked for at once by an index', async () => {
      const ids = await createMany(store, 20, newRecord)
      const versions = await Promise.all(ids.map(async id => (await readExisting(store, id)).version))
      const change = (id: string, i: number) => store.replace({ id, version: versions[i] ?? '' }, id, newRecord())
      const statements = database.kind === 'postgres' ? 1 : ids.length
      for (const call of [() => Promise.all(ids.map(store.read)), () => Promise.all(ids.map(change))]) {
        const plans = await plansOf(call)
        expect(plans).toEqual(Array(statements).fill(expect.stringMatching(/^index /)))
      }
    })

    it.each([5, 90])('sweeps by an index where %i of 100 records are over', async share => {
      await database.query(`update session set expires_at = ${Date.now() + 3_600_000}`)
      const over = `update session set expires_at = created_at where created_at % 100 < ${share}`
      await database.query(over)
      await database.query(database.kind === 'postgres' ? 'analyze session' : 'analyze table session')
      await store.create(newId(), expiredRecord())
      const plans = await plansOf(() => store.deleteExpired(new Date(), { limit: 1000 }))
      expect(plans).not.toEqual([])
      expect(plans.filter(plan => !plan.startsWith('index '))).toEqual([])
    })
  }),
)

/** `index …` if the server answers this statement without reading a whole table or index, otherwise what it does. */
async function explain({ kind }: SqlDatabase, kysely: Kysely<unknown>, query: CompiledQuery): Promise<string> {
  const explained = `explain ${kind === 'postgres' ? '(format json) ' : ''}${query.sql}`
  const result = await kysely.executeQuery<Record<string, unknown>>({ ...query, sql: explained })
  if (kind === 'postgres') {
    const text = JSON.stringify(result.rows)
    return `${text.includes('Seq Scan') || !text.includes('Index') ? 'scan' : 'index'} ${text}`
  }
  const scans = result.rows.some(({ type, key }) => key === null || type === 'ALL' || type === 'index')
  return `${scans ? 'scan' : 'index'} ${JSON.stringify(result.rows)}`
}
