import type { SessionStore } from '../store.ts'
import type { RedisConnection } from './connection.ts'
import { type RedisValue, reservationFor, valueFor } from './record.ts'
import { rewriter } from './rewriter.ts'
import { create, enterIndex, removeExactly, replace, run } from './scripts.ts'

/** The verbs of a store that write, but for `delete`, which is one command everywhere. */
export type Writes = Pick<SessionStore, 'create' | 'replace'>

/** The names of a store's keys. */
export interface KeyNames {
  record(id: string): string
  index(term: string): string
}

/** On one server: each write is one script, which changes the record and the index at once. */
export function writesOnOne(connection: RedisConnection, keys: KeyNames): Writes {
  const indexes = ({ terms }: RedisValue): string[] => terms.map(keys.index)
  const inPlace = rewriter(connection, keys)
  return {
    async create(id, record): Promise<boolean> {
      const value = valueFor(id, record)
      return (await run(connection, create, [keys.record(id), ...indexes(value)], argsOf(id, value))) === 1
    },

    async replace(was, id, record): Promise<boolean> {
      const value = valueFor(id, record)
      if (id === was.id) return inPlace({ id, was: was.version, value })
      const all = [keys.record(was.id), keys.record(id), ...indexes(value)] as const
      return (await run(connection, replace, all, [...argsOf(id, value), was.version, was.id])) === 1
    },
  }
}

/**
 * In a Cluster, where a script reaches only keys of one slot: a write of several keys takes several steps, in such an order
 * that no step is the last one of something half done.
 *
 * - A record is in the index before it is there to be used, so that `deleteBy` misses none. Before it is in the index its id is
 *   reserved, so that an id in the index under which nothing rests is a dead one, and can be thrown out.
 * - In a rotation the old record is gone before the new one is there. Whoever dies between the two leaves neither.
 */
export function writesInCluster(connection: RedisConnection, keys: KeyNames): Writes {
  const createOne = (id: string, value: RedisValue): Promise<number> =>
    run(connection, create, [keys.record(id)], argsOf(id, value))

  const replaceOne = (id: string, version: string, value: RedisValue): Promise<number> =>
    run(connection, replace, [keys.record(id), keys.record(id)], [...argsOf(id, value), version, id])

  const enterIndexes = (id: string, { terms, ttl }: RedisValue): Promise<unknown> =>
    Promise.all(terms.map(term => run(connection, enterIndex, [keys.index(term)], [id, ttl])))

  const reserve = async (id: string, value: RedisValue): Promise<string | null> => {
    const reservation = reservationFor(id, value)
    if ((await createOne(id, reservation)) !== 1) return null
    await enterIndexes(id, value)
    return reservation.version
  }

  return {
    async create(id, record): Promise<boolean> {
      const value = valueFor(id, record)
      if (value.terms.length === 0) return (await createOne(id, value)) === 1
      const reserved = await reserve(id, value)
      return reserved !== null && (await replaceOne(id, reserved, value)) === 1
    },

    async replace(was, id, record): Promise<boolean> {
      const value = valueFor(id, record)
      if (id === was.id) {
        await enterIndexes(id, value)
        return (await replaceOne(id, was.version, value)) === 1
      }
      const reserved = await reserve(id, value)
      if (reserved === null) return false
      if ((await run(connection, removeExactly, [keys.record(was.id)], [was.version])) === 1) {
        return (await replaceOne(id, reserved, value)) === 1
      }
      await run(connection, removeExactly, [keys.record(id)], [reserved])
      return false
    },
  }
}

function argsOf(id: string, { version, text, ttl }: RedisValue): string[] {
  return [version, text, ttl, id]
}
