import { MemcacheClient } from 'memcache-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { memcachedStore } from '../../../src/stores/memcached.ts'
import { describeWhereInstalled } from '../describe-with-service.ts'
import { killAtEachPiece } from '../killed-rotation.ts'
import { startMemcached } from '../memcached.ts'
import type { Server } from '../server.ts'
import { itemsIn } from './items.ts'

describeWhereInstalled('memcached', () => {
  let server: Server
  let client: MemcacheClient
  beforeAll(async () => {
    server = await startMemcached()
    client = new MemcacheClient({ server: `127.0.0.1:${server.port}` })
  })
  afterAll(async () => {
    client.shutdown()
    await server.stop()
  })

  it('a process that is killed at any step of a rotation leaves one of the two tokens valid or none, never both', async () => {
    const remains = await killAtEachPiece({
      servers: [server.port],
      far: ([port = 0]) => ({ type: 'memcached', address: { host: '127.0.0.1', port } }),
      near: {
        store: memcachedStore(client, { onWarning: () => undefined }),
        async live(name) {
          const items = (await itemsIn(server.port)).filter(item => item.includes(`"name":"${name}"`))
          return items.map(item => /^VALUE keepsake:(\S+)/.exec(item)?.[1] ?? '')
        },
      },
    })
    expect(remains.filter(({ killed }) => !killed)).toEqual([])
    expect(new Set(remains.map(({ token }) => token))).toEqual(new Set(['old', 'none', 'new']))
  }, 180_000)
})
