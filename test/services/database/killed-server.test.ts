import mysql from 'mysql2'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DatabaseHandle, databaseStore } from '../../../src/stores/database/database-store.ts'
import { describeWhereInstalled } from '../describe-with-service.ts'
import { witnessOf } from '../killed-rotation.ts'
import { crashAtEachPiece } from '../killed-server.ts'
import { startMariadb } from '../mariadb.ts'
import { type SqlConnectionOptions, startPostgres } from '../postgres.ts'

describeWhereInstalled('postgres', () => {
  keepsOneToken('postgres', startPostgres, connection => {
    const pool = new pg.Pool(connection)
    return { handle: pool, end: () => pool.end() }
  })
})

describeWhereInstalled('mariadb', () => {
  keepsOneToken('mariadb', startMariadb, connection => {
    const pool = mysql.createPool(connection)
    return { handle: pool, end: () => pool.promise().end() }
  })
})

function keepsOneToken(
  type: 'postgres' | 'mariadb',
  start: typeof startPostgres,
  connect: (connection: SqlConnectionOptions) => { handle: DatabaseHandle; end: () => Promise<void> },
): void {
  let started: Awaited<ReturnType<typeof start>>
  let near: ReturnType<typeof connect>
  beforeAll(async () => {
    started = await start()
    near = connect(started.address.connection)
  })
  afterAll(async () => {
    await near?.end()
    await started?.stop()
  })

  it('a server that is killed at any step of a rotation leaves the old token valid or the new one, never both', async () => {
    const { connection } = started.address
    const store = databaseStore(near.handle)
    await store.migrate()
    const far = (port: number) => ({ type, connection: { ...connection, port } })
    const tokens = await crashAtEachPiece({ server: started, far, near: witnessOf(store) })
    expect(new Set(tokens)).toEqual(new Set(['old', 'new']))
  }, 240_000)
}
