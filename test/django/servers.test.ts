import mysql from 'mysql2/promise'
import pg from 'pg'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { UserStore } from '../../src/auth/users/user-store.ts'
import { dbEngine } from '../../src/django/sessions/db-engine.ts'
import { djangoUsers } from '../../src/django/users/django-users.ts'
import { describeUserStore } from '../../src/testing/describe-user-store.ts'
import { startMariadb } from '../services/mariadb.ts'
import { type SqlConnectionOptions, startPostgres } from '../services/postgres.ts'
import { describeWithDjango, migrateDjango } from './django-site.ts'
import { tellOfSharedLogins, tellOfSharedSessions } from './stories.ts'
import { startTogether } from './together.ts'
import { secretKey } from './two-sites.ts'

function databaseSettings(backend: string, { host, port, user, password, database }: SqlConnectionOptions) {
  const account = { HOST: host, PORT: port, USER: user, PASSWORD: password, NAME: database }
  return { DATABASES: { default: { ENGINE: `django.db.backends.${backend}`, ...account } } }
}

describeWithDjango('engine db on PostgreSQL', ['psycopg2'], () => {
  let server: Awaited<ReturnType<typeof startPostgres>>
  beforeAll(async () => {
    server = await startPostgres()
  }, 120_000)
  afterAll(() => server?.stop())

  const sites = startTogether(() => {
    const { connection } = server.address
    const database = new pg.Pool({ ...connection, options: '-c timezone=Asia/Tokyo' })
    const settings = databaseSettings('postgresql', connection)
    return { settings, database, engine: handle => dbEngine(handle), close: () => database.end() }
  })
  tellOfSharedSessions(sites)
  tellOfSharedLogins(sites)

  let store: UserStore | undefined
  const contract = async (): Promise<UserStore> => {
    if (store) return store
    const pool = new pg.Pool(server.address.connection)
    await pool.query('alter table auth_user add sessions_valid_from bigint not null default 0')
    // Longer hashes and addresses than Django's own hashers and forms make.
    await pool.query(
      'alter table auth_user alter password type text, alter first_name type text, alter last_name type text',
    )
    store = djangoUsers(pool, { validFromColumn: 'sessions_valid_from' })
    return store
  }
  describeUserStore('djangoUsers', contract, { describe, it })
})

describeWithDjango('engine db on MariaDB', ['MySQLdb'], () => {
  let server: Awaited<ReturnType<typeof startMariadb>>
  beforeAll(async () => {
    server = await startMariadb()
  }, 120_000)
  afterAll(() => server?.stop())

  const sites = startTogether(async () => {
    const { connection } = server.address
    const database = mysql.createPool({ ...connection, timezone: '+09:00' })
    const settings = databaseSettings('mysql', connection)
    return { settings, database, engine: handle => dbEngine(handle), close: () => database.end() }
  })
  tellOfSharedSessions(sites)
  tellOfSharedLogins(sites)

  let store: UserStore | undefined
  const contract = async (): Promise<UserStore> => {
    if (store) return store
    const { connection } = server.address
    // With the collation that servers have by default, names that differ in case are one name to Django too.
    const strict = mysql.createPool({ ...connection, database: 'strict' })
    const pool = mysql.createPool(connection)
    await pool.query('create database strict character set utf8mb4 collate utf8mb4_nopad_bin')
    await pool.end()
    migrateDjango({ SECRET_KEY: secretKey, ...databaseSettings('mysql', { ...connection, database: 'strict' }) })
    await strict.query('alter table auth_user add sessions_valid_from bigint not null default 0')
    await strict.query('alter table auth_user modify password text, modify first_name text, modify last_name text')
    store = djangoUsers(strict, { validFromColumn: 'sessions_valid_from' })
    return store
  }
  describeUserStore('djangoUsers', contract, { describe, it })
})
