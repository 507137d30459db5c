import { createSessions } from 'keepsake'
import { redisStore } from 'keepsake/stores/redis'
import { createClient } from 'redis'
import { tellStory } from './visitor.js'

export async function run({ redis }) {
  const client = createClient({ socket: redis }).on('error', () => undefined)
  await client.connect()
  const store = redisStore(client, { onWarning: () => undefined })
  await tellStory(createSessions({ store }))
  client.destroy()
}
