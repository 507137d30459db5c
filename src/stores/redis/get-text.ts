import { gathered } from '../gathered.ts'
import type { RedisConnection } from './connection.ts'
import { isOnlyForOne } from './only-for-one.ts'

/**
 * The text under a key, or null. On one server, what is asked for in one turn of the event loop is one command. What that does not find
 * is asked for by itself: it is an error if something else than a text is there.
 */
export function textReader({ send, isCluster }: RedisConnection): (key: string) => Promise<unknown> {
  const get = (key: string): Promise<unknown> => send(key, ['GET', key])
  const getTwice = (key: string): Promise<unknown> => twice(() => get(key))
  if (isCluster) return getTwice
  let together = true
  const getAll = async (keys: readonly string[]): Promise<readonly unknown[]> => {
    try {
      return (await send(keys[0], ['MGET', ...keys])) as unknown[]
    } catch (error) {
      if (isOnlyForOne(error)) together = false
      return []
    }
  }
  return gathered<string, unknown>(async calls => {
    const keys = calls.map(({ asked }) => asked)
    const texts = together && keys.length > 1 ? await getAll(keys) : null
    for (const [i, { asked, resolve }] of calls.entries()) {
      resolve(texts ? (texts[i] ?? get(asked)) : getTwice(asked))
    }
  })
}

/** Twice if need be, since clients give up what was under way when a connection breaks. */
async function twice<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch {
    return run()
  }
}
