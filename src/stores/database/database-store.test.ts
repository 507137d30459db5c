import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { CamelCasePlugin, Kysely, SqliteDialect } from 'kysely'
import { afterAll, describe, expect, it } from 'vitest'
import { inTurns } from '../../../test/support/in-turns.ts'
import { withSessions } from '../../adapters/fetch.ts'
import { createSessions } from '../../create-sessions.ts'
import { isKeepsakeError } from '../../errors.ts'
import { CookieJar } from '../../testing/cookie-jar.ts'
import { describeSessionStore } from '../../testing/describe-session-store.ts'
import { newId, newRecord, newUser } from '../../testing/store-contract/samples.ts'
import { databaseStore } from './database-store.ts'

const directory = mkdtempSync(join(tmpdir(), 'keepsake-database-'))
const databases: DatabaseSync[] = []
afterAll(() => {
  for (const database of databases) database.close()
  rmSync(directory, { recursive: true })
})

let files = 0
function newFile(): string {
  return join(directory, `${++files}.db`)
}

function open(file: string = newFile()): DatabaseSync {
  const database = new DatabaseSync(file)
  databases.push(database)
  return database
}

async function migrated(database: DatabaseSync = open()) {
  const store = databaseStore(database)
  await store.migrate()
  return store
}

const file = newFile()
const [here, there] = [await migrated(open(file)), await migrated(open(file))]

describeSessionStore('databaseStore on SQLite', () => here, { describe, it, index: true, sweep: true })
describeSessionStore('databaseStore on SQLite, from two processes', () => inTurns([here, there]), {
  describe,
  it,
  index: true,
  sweep: true,
})

it('a driver whose replies are out of step logs nobody in as another (CVE-2023-28858)', async () => {
  const database = open()
  const [adas, bobs] = [newId(), newId()]
  const store = await migrated(database)
  for (const id of [adas, bobs]) await store.create(id, newRecord())
  const confused = databaseStore({
    exec: text => database.exec(text),
    inTransaction: false,
    close: () => undefined,
    prepare: (text: string) => {
      const statement = database.prepare(text)
      return {
        reader: true,
        all: () => statement.all(bobs),
        run: () => ({ changes: 0, lastInsertRowid: 0 }),
        iterate: () => [][Symbol.iterator](),
      }
    },
  })
  expect(await confused.read(bobs)).not.toBeNull()
  await expect(confused.read(adas)).rejects.toThrow(`asked for session ${adas} and answered with ${bobs}`)
})

describe('migrate()', () => {
  it('may run at every start: the records stay', async () => {
    const file = newFile()
    const id = newId()
    await (await migrated(open(file))).create(id, newRecord())
    const restarted = await migrated(open(file))
    await restarted.migrate()
    expect(await restarted.read(id)).not.toBeNull()
  })

  it('may run from two processes at once', async () => {
    const file = newFile()
    const stores = [databaseStore(open(file)), databaseStore(open(file))] as const
    await Promise.all(stores.map(store => store.migrate()))
    const id = newId()
    await stores[0].create(id, newRecord())
    expect(await stores[1].read(id)).not.toBeNull()
  })

  it('was not run: every method says so, with status 503', async () => {
    const store = databaseStore(open())
    const calls = [
      store.read(newId()),
      store.create(newId(), newRecord()),
      store.replace({ id: newId(), version: 'v' }, newId(), newRecord()),
      store.delete(newId()),
      store.find('userId', newUser())[Symbol.asyncIterator]().next(),
      store.deleteBy('userId', newUser()),
      store.deleteExpired(new Date(), { limit: 1 }),
    ]
    for (const outcome of await Promise.allSettled(calls)) {
      const error = outcome.status === 'rejected' ? outcome.reason : null
      expect(isKeepsakeError(error, 'TABLE_MISSING') && error.status).toBe(503)
      expect(String(error)).toContain('await store.migrate()')
    }
  })

  it('made no column for an index value that sessions compute: the error names the value', async () => {
    const store = await migrated()
    const record = newRecord({ index: { accountId: 'a1' } })
    await expect(store.create(newId(), record)).rejects.toThrow(/TABLE_MISSING.*accountId/)
  })
})

describe('databaseStore on an SQLite file', () => {
  it('writes ahead, so that readers and the writer do not wait for each other', async () => {
    const database = open()
    await migrated(database)
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  })

  it('keeps records when the program ends', async () => {
    const file = newFile()
    const [id, record] = [newId(), newRecord()]
    const database = new DatabaseSync(file)
    await (await migrated(database)).create(id, record)
    database.close()
    expect(await databaseStore(open(file)).read(id)).toMatchObject({ payload: record.payload })
  })

  it('reads, finds, revokes and sweeps by an index, never by looking at every row', async () => {
    const database = open()
    const store = await migrated(database)
    const [id, record] = [newId(), newRecord()]
    await store.create(id, record)
    const plans = plansOf(database)
    for (const next of [id, newId()]) {
      const { version = '' } = (await store.read(id)) ?? {}
      await store.replace({ id, version }, next, record)
    }
    for await (const _ of store.find('userId', newUser()));
    await store.deleteBy('userId', newUser(), { except: newId() })
    await store.create(id, newRecord({ expiresAt: new Date(0) }))
    await store.deleteExpired(new Date(), { limit: 10 })
    await store.delete(id)
    const looks = plans.filter(plan => /^(SEARCH|SCAN)/.test(plan))
    expect(looks.length).toBeGreaterThanOrEqual(8)
    expect(looks.filter(look => !/^SEARCH session USING (COVERING )?INDEX/.test(look))).toEqual([])
    expect(plans.filter(plan => plan.includes('TEMP B-TREE'))).toEqual([])
  })

  it("is not confused by the plugins of the program's own Kysely", async () => {
    const database = open()
    const adapted = { prepare: (sql: string) => statementFor(database, sql), close: () => database.close() }
    const kysely = new Kysely({
      dialect: new SqliteDialect({ database: adapted }),
      plugins: [new CamelCasePlugin()],
    })
    const store = databaseStore(kysely)
    await store.migrate()
    const [id, user, record] = [newId(), newUser(), newRecord()]
    await store.create(id, { ...record, index: { userId: user } })
    expect(await store.read(id)).toMatchObject({ payload: record.payload, expiresAt: record.expiresAt })
    expect(await store.deleteBy('userId', user)).toBe(1)
    expect(await store.deleteExpired(new Date(), { limit: 1 })).toBe(0)
  })

  it('has no token in the file: who steals it can log in as nobody', async () => {
    const file = newFile()
    const store = await migrated(open(file))
    const sessions = createSessions<{ visits: number }>({ store })
    const handler = withSessions(sessions, async request => {
      const session = await sessions.of(request)
      session.update('visits', (n = 0) => n + 1)
      session.rotate({ userId: 'ada' })
      return new Response(session.id)
    })
    const browser = new CookieJar({ fetch: (url, init) => handler(new Request(url, init)) })
    const secrets: string[] = []
    for (let visit = 0; visit < 3; visit++) {
      await browser.fetch('http://localhost/')
      secrets.push(browser.get('__Host-session') ?? '')
    }
    const content = everythingIn(file)
    const [session] = await sessions.list('ada')
    expect(content).toContain(session?.id)
    expect(new Set(secrets).size).toBe(3)
    for (const secret of secrets) {
      const bytes = Buffer.from(secret, 'base64url')
      expect(bytes.length).toBe(32)
      for (const spelling of ['base64url', 'base64', 'hex', 'latin1'] as const) {
        expect(content).not.toContain(bytes.toString(spelling))
      }
    }
  })
})

/** How SQLite plans each statement that is run from now on: the lines of EXPLAIN QUERY PLAN. */
function plansOf(database: DatabaseSync): string[] {
  const plans: string[] = []
  const prepare = database.prepare.bind(database)
  database.prepare = sql => {
    for (const { detail } of prepare(`EXPLAIN QUERY PLAN ${sql}`).all()) plans.push(`${detail}`)
    return prepare(sql)
  }
  return plans
}

/** A statement of `node:sqlite` in the shape of better-sqlite3's, which Kysely's own dialect takes. */
function statementFor(database: DatabaseSync, sql: string) {
  const statement = database.prepare(sql)
  const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
  return {
    reader: statement.columns().length > 0,
    all: (parameters: readonly unknown[]) => statement.all(...values(parameters)),
    run: (parameters: readonly unknown[]) => statement.run(...values(parameters)),
    iterate: (parameters: readonly unknown[]) => statement.iterate(...values(parameters)),
  }
}

/** The bytes of the database file and of those that SQLite keeps beside it. */
function everythingIn(file: string): string {
  const names = readdirSync(directory).filter(name => join(directory, name).startsWith(file))
  return names.map(name => readFileSync(join(directory, name), 'latin1')).join('\n')
}
