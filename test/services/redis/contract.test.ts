import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { createClient, RESP_TYPES } from 'redis'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import type { SessionIndex, SessionStore } from '../../../src/stores/store.ts'
import { describeSessionStore } from '../../../src/testing/describe-session-store.ts'
import { inTurns } from '../../support/in-turns.ts'
import { describeWithService } from '../describe-with-service.ts'
import { clientsOfCluster, clientsOfOne, type OpenClient } from './clients.ts'

type Store = SessionStore & SessionIndex

/** The contract on one client, and on two in turns: what one process wrote, the other one reads. */
function keepsTheContract(name: string, connect: () => Promise<OpenClient>): void {
  describe(name, () => {
    const opened: OpenClient[] = []
    const stores: Store[] = []
    beforeAll(async () => {
      opened.push(await connect(), await connect())
      stores.push(...opened.map(({ client }) => redisStore(client)))
    })
    afterAll(() => Promise.all(opened.map(({ close }) => close())))
    const all = { describe, it, index: true } as const
    describeSessionStore<Store>('redisStore(client)', () => inTurns(stores as never), all)
  })
}

/** The commands that the docs say the user of the connection needs. */
const page = readFileSync(join(import.meta.dirname, '../../../docs/stores/redis.md'), 'utf8')
const [, needed = ''] = /The user of the connection needs (.*?)\. With/s.exec(page) ?? []
const rights = [...needed.matchAll(/`([A-Z]+)`/g)].map(([, command]) => `+${command}`)

describeWithService('redis', address => {
  for (const [name, connect] of Object.entries(clientsOfOne)) keepsTheContract(name, () => connect(address))

  keepsTheContract('createClient of node-redis, with replies as Buffers, over RESP 2', async () => {
    const client = createClient({ socket: address, RESP: 2 }).on('error', () => undefined)
    await client.connect()
    const ofBuffers = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
    return { client: ofBuffers, close: () => client.destroy() }
  })

  keepsTheContract('createClient of node-redis, as a user with the rights that the docs name', async () => {
    const admin = new Redis(address)
    await admin.call('ACL', 'SETUSER', 'sessions', 'reset', 'on', '>secret', '~keepsake:*', ...rights)
    admin.disconnect()
    const client = createClient({ socket: address, username: 'sessions', password: 'secret' })
    await client.on('error', () => undefined).connect()
    return { client, close: () => client.destroy() }
  })

  keepsTheContract('Redis of ioredis, with a keyPrefix and pipelines of its own', async () => {
    const client = new Redis({ ...address, keyPrefix: 'site:', enableAutoPipelining: true })
    return { client, close: () => client.disconnect() }
  })
})

describeWithService('redis-cluster', nodes => {
  for (const [name, connect] of Object.entries(clientsOfCluster)) keepsTheContract(name, () => connect(nodes))
})
