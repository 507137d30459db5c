import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeUserStore } from '../../../src/testing/describe-user-store.ts'
import { postgresDatabase } from '../database/sql-database.ts'
import { describeWithService } from '../describe-with-service.ts'
import { ourUsers } from './own-table.ts'

const page = readFileSync(new URL('../../../docs/users.md', import.meta.url), 'utf8')
const program = readFileSync(new URL('own-table.ts', import.meta.url), 'utf8')

/** A program's table as docs/users.md has it, with keys that are numbers and times that are the database's. */
const createTable = /create table account \([\s\S]*?\n\)/.exec(page)?.[0] ?? ''

describeWithService('postgres', address => {
  const database = postgresDatabase(address)
  let pool: pg.Pool
  beforeAll(async () => {
    pool = new pg.Pool(database.address.connection)
    await pool.query(createTable)
  })
  afterAll(() => pool.end())

  describeUserStore('a table that was there before', () => ourUsers(pool), { describe, it })
})

it('the page about users has this very program', () => {
  const body = program.slice(program.indexOf('/** Our columns'))
  expect(body.length).toBeGreaterThan(2000)
  expect(page).toContain(body)
})
