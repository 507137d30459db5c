import type { IndexedRecord, SessionIndex } from '../store.ts'
import type { RedisConnection } from './connection.ts'
import { hasTerm, recordIn, termOf } from './record.ts'
import { removeIndexed, run } from './scripts.ts'
import type { KeyNames } from './writes.ts'

/** So many commands are under way at the same time; a client sends them together. */
const batchSize = 100

/**
 * Finds records by the index: a sorted set of ids for each value. It may name too many, but never too few. An id under which
 * nothing rests is dead for good and is thrown out here; a record whose own index says something else is passed over.
 */
export function searchIn(connection: RedisConnection, keys: KeyNames): SessionIndex {
  const { send } = connection
  return {
    async *find(name, value): AsyncGenerator<IndexedRecord> {
      const term = termOf(name, value)
      const index = keys.index(term)
      for (const ids of batchesOf(await membersOf(connection, index))) {
        const texts = await Promise.all(ids.map(id => send(keys.record(id), ['GET', keys.record(id)])))
        const dead = ids.filter((_, i) => texts[i] === null)
        // A server that may only be read finds all the same.
        await throwOut(connection, index, dead).catch(() => undefined)
        for (const [i, id] of ids.entries()) {
          const text = String(texts[i])
          const record = hasTerm(text, term) ? recordIn(text, id) : null
          if (record) yield { id, ...record }
        }
      }
    },

    /** A session may rotate while this runs: its new id is then in the index by the time that the old record is gone. */
    async deleteBy(name, value, { except } = {}): Promise<number> {
      const term = termOf(name, value)
      const seen = new Set([except])
      for (let removed = 0; ; ) {
        const unseen = (await membersOf(connection, keys.index(term))).filter(id => !seen.has(id))
        if (unseen.length === 0) return removed
        for (const id of unseen) seen.add(id)
        for (const ids of batchesOf(unseen)) removed += await removeAll(connection, keys, term, ids)
      }
    },
  }
}

/** Removes those of these records whose index has this term, and tells how many there were. */
async function removeAll(
  connection: RedisConnection,
  keys: KeyNames,
  term: string,
  ids: readonly string[],
): Promise<number> {
  const removals = ids.map(id => run(connection, removeIndexed, [keys.record(id)], [term]))
  const outcomes = await Promise.all(removals)
  const gone = ids.filter((_, i) => outcomes[i] !== -1)
  await throwOut(connection, keys.index(term), gone)
  return outcomes.filter(outcome => outcome === 1).length
}

async function membersOf({ send }: RedisConnection, index: string): Promise<string[]> {
  return ((await send(index, ['ZRANGE', index, '0', '-1'])) as unknown[]).map(String)
}

async function throwOut({ send }: RedisConnection, index: string, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await send(index, ['ZREM', index, ...ids])
}

function* batchesOf(ids: readonly string[]): Generator<readonly string[]> {
  for (let i = 0; i < ids.length; i += batchSize) yield ids.slice(i, i + batchSize)
}
