import session from 'express-session'
import { createSessions } from 'keepsake'
import { cachedStore } from 'keepsake/stores/cached'
import { expressStore } from 'keepsake/stores/express-store'
import { memoryStore } from 'keepsake/stores/memory'
import { tellStory } from './visitor.js'

export async function run() {
  await tellStory(createSessions({ store: cachedStore({ store: memoryStore(), cache: memoryStore() }) }))
  await tellStory(createSessions({ store: expressStore(new session.MemoryStore()) }))
}
