import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSessions } from '../../../src/create-sessions.ts'
import { databaseStore } from '../../../src/stores/database/database-store.ts'
import { Browser, type Data, site } from '../../support/site.ts'
import { findBinary } from '../server.ts'
import { describeOnServers, type SqlDatabase } from './sql-database.ts'

describeOnServers(database => {
  const { kind, query } = database
  const store = databaseStore(database.pool({ settings: kind === 'postgres' ? '-c log_statement=all' : '' }).handle)
  const tokens: string[] = []
  const ids: string[] = []

  beforeAll(async () => {
    await store.migrate()
    if (kind === 'mariadb') await query('set global general_log = 1')
    const sessions = createSessions<Data>({ store })
    const visitor = new Browser(
      site(sessions, {
        '/count': async session => (await session()).update('count', (n = 0) => n + 1),
        '/login': async session => (await session()).rotate({ userId: 'ada' }),
        '/read': async session => (await session()).get('count'),
      }),
    )
    for (const path of ['/count', '/count', '/login', '/count', '/read']) {
      await visitor.see(path)
      tokens.push(visitor.token)
    }
    for (const { id } of await sessions.list('ada')) ids.push(id)
    await sessions.clearExpired()
  })
  afterAll(async () => {
    if (kind === 'mariadb') await query('set global general_log = 0')
  })

  it('the server, told to write down every statement with its values, writes down no token', () => {
    const log = readFileSync(database.address.log, 'utf8')
    expect(log).toMatch(/update .session. set/i)
    expectNoToken(log)
  })

  it('a dump of the database has none', () => {
    const dump = dumpOf(database)
    expect(dump).toContain('keepsake_migration')
    expectNoToken(dump)
  })

  function expectNoToken(text: string): void {
    expect(ids).toHaveLength(1)
    expect(text).toContain(ids[0])
    expect(new Set(tokens).size).toBe(2)
    for (const token of tokens) {
      const bytes = Buffer.from(token, 'base64url')
      expect(bytes).toHaveLength(32)
      for (const encoding of ['base64url', 'base64', 'hex', 'latin1'] as const) {
        expect(text.toLowerCase()).not.toContain(bytes.toString(encoding).toLowerCase())
      }
    }
  }
})

function dumpOf({ kind, address: { connection } }: SqlDatabase): string {
  const { host, port, user, password, database } = connection
  const where = [`--host=${host}`, `--port=${port}`]
  const [program, args, passwordVariable] =
    kind === 'postgres'
      ? ['pg_dump', [...where, `--username=${user}`, '--inserts', database], 'PGPASSWORD']
      : ['mariadb-dump', ['--no-defaults', ...where, `--user=${user}`, database], 'MYSQL_PWD']
  const env = { ...process.env, [String(passwordVariable)]: password }
  return execFileSync(findBinary(String(program)) ?? '', args as string[], { env, encoding: 'latin1' })
}
