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
      let opened: ReturnType<typeof watched>
      let store: SessionStore
      const connectAnew = async (): Promise<void> => {
        opened?.close()
        opened = watched(await connect(cluster.address))
        store = redisStore(opened.client)
      }
      beforeAll(connectAnew)
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
          const count = async (): Promise<number> => {
            const { status } = await samePerson(visitor, store).open('/count')
            if (opened.isStuck()) await connectAnew()
            return status
          }
          await expect.poll(count, { timeout: 20_000 }).toBe(200)
          expect(await samePerson(visitor, store).see('/name')).toBe(names[i])
        }
      })

      it('a session moves to another node while its visitor is there: nobody notices', async () => {
        const visitor = await loggedIn('ada', store)
        const { finish } = await move(cluster, `keepsake:session:${idOf(visitor)}`)
        expect(await visitor.see('/name')).toBe('ada')
        expect(await visitor.see('/count')).toBe(1)
        await finish()
        expect(await visitor.see('/count')).toBe(2)
        await visitor.see('/rotate')
        expect(await visitor.see('/name')).toBe('ada')
      })
    })
  }
})

/**
 * A client that tells when to connect anew, as docs/stores/redis.md has programs do: node-redis may keep the closed connection to
 * a node that was away. Whose record is elsewhere may need that node too, for the index.
 */
function watched({ client, close }: OpenClient): OpenClient & { isStuck(): boolean } {
  let stuck = false
  const noticed = async (answer: Promise<unknown>): Promise<unknown> =>
    answer.catch((reason: Error) => {
      stuck ||= reason.message === 'The client is closed'
      throw reason
    })
  if ('getRandomNode' in client) {
    const send = client.sendCommand.bind(client)
    client.sendCommand = (...command) => noticed(send(...command))
  }
  return { client, close, isStuck: () => stuck }
}

/** Moves the slot of this key to the next node: first the keys, which are then asked for there, and with `finish` the slot. */
async function move({ address }: RedisCluster, key: string): Promise<{ finish(): Promise<void> }> {
  const nodes = address.map(({ host, port }) => new Redis(port, host))
  const isHere = await Promise.all(nodes.map(async node => (await node.keys(key)).length === 1))
  const from = isHere.indexOf(true)
  const to = (from + 1) % nodes.length
  const [source, target] = [nodes[from], nodes[to]]
  const ids = await Promise.all(nodes.map(node => node.call('CLUSTER', 'MYID')))
  const slot = String(await source?.call('CLUSTER', 'KEYSLOT', key))
  await target?.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(ids[from]))
  await source?.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(ids[to]))
  const keys = (await source?.call('CLUSTER', 'GETKEYSINSLOT', slot, '1000')) as string[]
  await source?.call('MIGRATE', '127.0.0.1', String(address[to]?.port), '', '0', '5000', 'KEYS', ...keys)
  return {
    async finish() {
      for (const node of [target, ...nodes]) await node?.call('CLUSTER', 'SETSLOT', slot, 'NODE', String(ids[to]))
      for (const node of nodes) node.disconnect()
    },
  }
}
