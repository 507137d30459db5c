import { createSessions } from 'keepsake'
import { memcachedStore } from 'keepsake/stores/memcached'
import { MemcacheClient } from 'memcache-client'
import { tellStory } from './visitor.js'

export async function run({ memcached: { host, port } }) {
  const client = new MemcacheClient({ server: `${host}:${port}` })
  await tellStory(createSessions({ store: memcachedStore(client, { onWarning: () => undefined }) }))
  client.shutdown()
}
