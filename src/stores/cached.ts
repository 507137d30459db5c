import { type Duration, durationMs } from '../values/duration.ts'
import { type Cache, FrailCache } from './cached/frail-cache.ts'
import { everything, ReadCache } from './cached/read-cache.ts'
import type { ExpirySweep, IndexedRecord, SessionIndex, SessionStore } from './store.ts'

/** Options of `cachedStore`. */
export interface CachedStoreOptions<Store extends SessionStore> {
  /** Where the records rest. It alone says what is true. */
  readonly store: Store
  /** Where copies are kept for a while: a `redisStore` or `memcachedStore` that all servers share, or a `memoryStore` in each. */
  readonly cache: SessionStore & Partial<ExpirySweep>
  /**
   * How long a copy may be trusted: for so long, a session that was revoked may still be accepted by a server which could not
   * be told. `docs/stores/cached.md` says when that is. @default '5s'
   */
  readonly maxStale?: Duration
  /** The time in ms since 1970. For tests: `fakeClock`. @default Date.now */
  readonly clock?: () => number
  /** Gets a warning when the cache begins to fail. @default console.warn */
  readonly onWarning?: (warning: string) => void
}

/** What a store can do that its cached form can do too. */
type Capability = keyof SessionIndex | keyof ExpirySweep | 'guarantees'

/** A store behind a cache. It can do what the store can: with an index, it has an index. */
export type CachedStore<Store extends SessionStore> = SessionStore & Pick<Store, Extract<keyof Store, Capability>>

/**
 * Puts a cache in front of a store, to spare it most reads. Changes are made in the store and then removed from the cache; the
 * cache may be down, and then the store answers. Versions are the store's own, so a change to what was read from the cache is
 * still compared with the truth.
 *
 * A session that was revoked is refused at once by the process that revoked it, and by all that share its cache; by others
 * within `maxStale`.
 *
 * @example
 * const store = cachedStore({ store: databaseStore(pool), cache: redisStore(client) })
 */
export function cachedStore<Store extends SessionStore>(options: CachedStoreOptions<Store>): CachedStore<Store> {
  const { store, maxStale = '5s', clock = Date.now, onWarning = console.warn } = options
  const cache: Cache = options.cache
  const reads = new ReadCache(store, new FrailCache(cache, clock, onWarning), durationMs(maxStale, 'maxStale'), clock)
  const verbs: SessionStore = {
    read: id => reads.read(id),
    create: (id, record) => store.create(id, record),
    replace(was, id, record) {
      const replacing = (): Promise<boolean> => store.replace(was, id, record)
      return was.id === id ? reads.replace(id, replacing) : reads.rotate(was.id, replacing)
    },
    delete: id => reads.end(id, () => store.delete(id)),
  }
  return { ...verbs, ...capabilities(store, reads) } as CachedStore<Store>
}

/** What the store can do beyond the four verbs. Lists and sweeps are the store's own affair. */
function capabilities(store: SessionStore, reads: ReadCache): object {
  return {
    ...(isIndex(store) && {
      find: store.find.bind(store),
      deleteBy: deletingBy(store, reads),
    }),
    ...(isSwept(store) && { deleteExpired: store.deleteExpired.bind(store) }),
    ...('guarantees' in store && { guarantees: store.guarantees }),
  }
}

function isIndex(store: SessionStore): store is SessionStore & SessionIndex {
  return 'find' in store && 'deleteBy' in store
}

function isSwept(store: SessionStore): store is SessionStore & ExpirySweep {
  return 'deleteExpired' in store
}

/** So often the records are searched for again: one that rotates even faster ends too, but may be read for `maxStale`. */
const searches = 10

/** So many records are removed at the same time: a store has other requests to answer, by a few connections. */
const batchSize = 50

/**
 * Removes records one by one, as only so it is known whose entries are to be removed: one that has rotated since it was found
 * may be in the cache under the new id, and is found by the next search. While it runs, nothing is read from the cache.
 */
function deletingBy(store: SessionStore & SessionIndex, reads: ReadCache): SessionIndex['deleteBy'] {
  return (name, value, options) =>
    reads.change(everything, async () => {
      let removed = 0
      for (let search = 1; search <= searches; search++) {
        const ids = (await idsOf(store.find(name, value))).filter(id => id !== options?.except)
        if (ids.length === 0) break
        for (let i = 0; i < ids.length; i += batchSize) {
          await Promise.all(ids.slice(i, i + batchSize).map(id => reads.change(id, () => store.delete(id))))
        }
        // What is found later has rotated, and was counted already.
        if (search === 1) removed = ids.length
      }
      // The store's own way is final.
      return removed + (await store.deleteBy(name, value, options))
    })
}

async function idsOf(records: AsyncIterable<IndexedRecord>): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of records) ids.push(id)
  return ids
}
