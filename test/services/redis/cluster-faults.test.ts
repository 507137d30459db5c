import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import type { SessionStore } from '../../../src/stores/store.ts'
import { describeWithService } from '../describe-with-service.ts'
import { type RedisCluster, startRedisCluster } from '../redis.ts'
import { idOf, loggedIn, samePerson } from '../visitors.ts'
import { clientsOfCluster, type OpenClient } from './clients.ts'

const impatient = { storeDeadline: '200ms' } as const
const names = Array.from({ length: 30 }, (_, i) => `visitor-${i}`)

describeWithService('redis-cluster', () => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await startRedisCluster({ appendfsync: 'always' })
  })
  afterAll(() => cluster.stop())
  for (const [kind, connect] of Object.entries(clientsOfCluster)) {
    describe(kind, () => {
      let opened: OpenClient
      let store: SessionStore
      beforeAll(async () => {
        opened = await connect(cluster.address)
        store = redisStore(opened.client)
      })
      afterAll(() => opened.close())

      it('a node is killed: those whose sessions it has get 503 until it is back, and then are who they were', async () => {
        const visitors = await Promise.all(names.map(name => loggedIn(name, store)))
        await cluster.nodes[1]?.crash()
        for (const [i, visitor] of visitors.entries()) {
          const answer = await samePerson(visitor, store, impatient).open('/name')
          expect([200, 503]).toContain(answer.status)
          if (answer.ok) expect(await answer.json()).toBe(names[i])
          expect(answer.headers.getSetCookie()).toEqual([])
        }
        await cluster.nodes[1]?.restart()
        for (const [i, visitor] of visitors.entries()) {
          await expect.poll(async () => (await visitor.open('/count')).status, { timeout: 20_000 }).toBe(200)
          expect(await visitor.see('/name')).toBe(names[i])
        }
      })

      it('a session moves to another node while its visitor is there: nobody notices', async () => {
        const visitor = await loggedIn('ada', store)
        const { whileMoving, done } = await move(cluster, `keepsake:session:${idOf(visitor)}`)
        expect(await visitor.see('/name')).toBe('ada')
        expect(await visitor.see('/count')).toBe(1)
        await whileMoving()
        expect(await visitor.see('/count')).toBe(2)
        await visitor.see('/rotate')
        expect(await visitor.see('/name')).toBe('ada')
        await done()
      })
    })
  }
})

/** Moves the slot of this key to the next node: the key at once, so that it is asked for there, and the slot in the next step. */
async function move(
  cluster: RedisCluster,
  key: string,
): Promise<{ whileMoving(): Promise<void>; done(): Promise<void> }> {
  const clients = cluster.address.map(({ host, port }) => new Redis(port, host))
  const slot = await clients[0]?.cluster('KEYSLOT', key)
  const isHere = await Promise.all(clients.map(async client => (await client.keys(key)).length === 1))
  const from = isHere.indexOf(true)
  const to = (from + 1) % clients.length
  const ids = await Promise.all(clients.map(client => client.cluster('MYID')))
  const { host = '', port = 0 } = cluster.address[to] ?? {}
  await clients[to]?.call('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', String(ids[from]))
  await clients[from]?.call('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', String(ids[to]))
  await clients[from]?.call('MIGRATE', host, String(port), key, '0', '5000')
  return {
    async whileMoving() {
      for (const client of clients) await client.call('CLUSTER', 'SETSLOT', String(slot), 'NODE', String(ids[to]))
    },
    async done() {
      for (const client of clients) client.disconnect()
    },
  }
}
