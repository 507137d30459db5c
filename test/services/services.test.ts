import mysql from 'mysql2/promise'
import pg from 'pg'
import { expect, it } from 'vitest'
import { describeWithService } from './describe-with-service.ts'
import { ask } from './line-protocol.ts'

describeWithService('postgres', ({ connection }) => {
  it('answers as version 15 or newer', async () => {
    const client = new pg.Client(connection)
    await client.connect()
    const { rows } = await client.query('show server_version_num')
    await client.end()
    expect(Number(rows[0].server_version_num)).toBeGreaterThanOrEqual(150_000)
  })
})

describeWithService('mariadb', ({ connection }) => {
  it('answers', async () => {
    const client = await mysql.createConnection(connection)
    const [rows] = await client.query('select version() as version')
    await client.end()
    expect(rows).toEqual([{ version: expect.stringContaining('MariaDB') }])
  })
})

describeWithService('redis', ({ port }) => {
  it('answers', async () => {
    expect(await ask(port, 'INFO server')).toContain('redis_mode:standalone')
  })
})

describeWithService('redis-cluster', nodes => {
  it('answers at three nodes, each with its share of the keys', async () => {
    const answers = await Promise.all(nodes.map(({ port }) => ask(port, 'CLUSTER INFO')))
    expect(answers).toHaveLength(3)
    for (const answer of answers) expect(answer).toContain('cluster_slots_ok:16384')
  })
})

describeWithService('memcached', ({ port }) => {
  it('answers', async () => {
    expect(await ask(port, 'version')).toMatch(/^VERSION/)
  })
})
