import { gathered } from '../../waiting/gathered.ts'
import { twice } from '../../waiting/twice.ts'
import type { RedisConnection } from './connection.ts'

/**
 * The text under a key, or null. On one server, what is asked for in one turn of the event loop is one command. When that fails, each is
 * asked for by itself: the user of the connection may have no right to it, or a proxy may not pass it on.
 */
export function textReader({ send, isCluster }: RedisConnection): (key: string) => Promise<unknown> {
  const get = (key: string): Promise<unknown> => send(key, ['GET', key])
  const getTwice = (key: string): Promise<unknown> => twice(() => get(key))
  if (isCluster) return getTwice
  return gathered<string, unknown>(async calls => {
    const [call, ...others] = calls
    if (call && others.length === 0) return call.resolve(getTwice(call.asked))
    const keys = calls.map(({ asked }) => asked)
    const texts = await send(keys[0], ['MGET', ...keys]).catch(() => null)
    const all = Array.isArray(texts) && texts.length === calls.length ? texts : null
    for (const [i, { asked, resolve }] of calls.entries()) resolve(all ? all[i] : get(asked))
  })
}
