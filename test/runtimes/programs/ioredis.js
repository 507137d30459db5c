import { Redis } from 'ioredis'
import { createSessions } from 'keepsake'
import { redisStore } from 'keepsake/stores/redis'
import { tellStory } from './visitor.js'

export async function run({ redis }) {
  const client = new Redis({ ...redis, lazyConnect: true }).on('error', () => undefined)
  await client.connect()
  const store = redisStore(client, { onWarning: () => undefined })
  await tellStory(createSessions({ store }))
  client.disconnect()
}
