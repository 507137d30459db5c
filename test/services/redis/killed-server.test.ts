import { createClient } from 'redis'
import { expect, it } from 'vitest'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import { describeWhereInstalled } from '../describe-with-service.ts'
import { witnessOf } from '../killed-rotation.ts'
import { crashAtEachPiece } from '../killed-server.ts'
import { startRedis } from '../redis.ts'

describeWhereInstalled('redis', () => {
  it('a server that is killed at any step of a rotation leaves the old token valid or the new one, never both', async () => {
    const server = await startRedis({ appendfsync: 'always' })
    const socket = { ...server.address, reconnectStrategy: 10 }
    const near = createClient({ socket, disableOfflineQueue: true }).on('error', () => undefined)
    await near.connect()
    const client = 'createClient of node-redis'
    const tokens = await crashAtEachPiece({
      server,
      far: port => ({ type: 'redis', client, nodes: [{ host: '127.0.0.1', port }] }),
      near: witnessOf(redisStore(near)),
    })
    near.destroy()
    await server.stop()
    expect(new Set(tokens)).toEqual(new Set(['old', 'new']))
  }, 120_000)
})
