import { gathered } from '../../waiting/gathered.ts'
import { twice } from '../../waiting/twice.ts'
import type { RedisConnection } from './connection.ts'

/** The text under a key, or null. On one server, what is asked for in one turn of the event loop is one command. */
export function textReader({ send, isCluster }: RedisConnection): (key: string) => Promise<unknown> {
  const get = (key: string): Promise<unknown> => twice(() => send(key, ['GET', key]))
  if (isCluster) return get
  return gathered<string, unknown>(async calls => {
    const [key = '', ...others] = calls.map(({ asked }) => asked)
    const texts = others.length === 0 ? [await get(key)] : await twice(() => send(key, ['MGET', key, ...others]))
    if (!Array.isArray(texts) || texts.length !== calls.length)
      throw new Error('Redis did not answer as many keys as it was asked for')
    for (const [i, { resolve }] of calls.entries()) resolve(texts[i])
  })
}
