import { afterAll, beforeAll, expect, it } from 'vitest'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import { describeWithService } from '../describe-with-service.ts'
import { killAtEachPiece, type LiveToken, witnessOf } from '../killed-rotation.ts'
import type { SocketAddress } from '../redis.ts'
import { type OpenClient, redisClients } from './clients.ts'

/** Kills processes that rotate through this client, and tells which tokens they may leave. */
function tellOfKills(
  client: string,
  nodes: readonly SocketAddress[],
  promise: string,
  tokens: readonly LiveToken[],
): void {
  let near: OpenClient
  beforeAll(async () => {
    near = await redisClients(client)(nodes)
  })
  afterAll(() => near.close())

  it(`a process that is killed at any step of a rotation leaves ${promise}, never both`, async () => {
    const remains = await killAtEachPiece({
      servers: nodes.map(({ port }) => port),
      far: ports => ({ type: 'redis', client, nodes, seen: ports.map(port => ({ host: '127.0.0.1', port })) }),
      near: witnessOf(redisStore(near.client)),
    })
    const killed = remains.filter(({ killed }) => killed)
    expect(new Set(killed.map(({ token }) => token))).toEqual(new Set(tokens))
  }, 180_000)
}

describeWithService('redis', address => {
  tellOfKills('createClient of node-redis', [address], 'the old token valid or the new one', ['old', 'new'])
})

describeWithService('redis-cluster', nodes => {
  const tokens = ['old', 'none', 'new'] as const
  tellOfKills('createCluster of node-redis', nodes, 'one of the two tokens valid or none', tokens)
})
