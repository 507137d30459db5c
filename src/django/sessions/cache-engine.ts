import type { DatabaseHandle } from '../../stores/database/open-database.ts'
import type { DjangoCache } from './cache.ts'
import type { DjangoEngine } from './engine.ts'
import { type DjangoStore, keyedEngine } from './keyed-engine.ts'
import { type DbEngineOptions, sessionRows } from './session-rows.ts'
import { signedText } from './signed-text.ts'

/** Django's engine `cache`: sessions in the cache that `SESSION_CACHE_ALIAS` names, and nowhere else. */
export function cacheEngine(cache: DjangoCache): DjangoEngine {
  return settings => ({ engine: keyedEngine(cache.store('cache', settings)), text: cache.text })
}

/**
 * Django's engine `cached_db`. The database decides, also when reading: a row that is gone is a session that has ended, whatever
 * the cache says. What is saved here leaves the cache, from where Django would take what is older.
 */
export function cachedDbEngine(
  database: DatabaseHandle,
  cache: DjangoCache,
  options: DbEngineOptions = {},
): DjangoEngine {
  const rows = sessionRows(database, options)
  return settings => {
    const cached = cache.store('cached_db', settings)
    return { engine: keyedEngine(withoutCached(rows, cached)), text: signedText(settings) }
  }
}

function withoutCached(rows: DjangoStore, cached: DjangoStore): DjangoStore {
  return {
    read: key => rows.read(key),
    create: (key, record) => rows.create(key, record),
    async replace(was, key, record): Promise<boolean> {
      // Before, so that a cache that is down fails while nothing has changed: an old key would be gone, the new one not sent yet.
      await cached.delete(was.key)
      const done = await rows.replace(was, key, record)
      // And again, since Django may have read the old row meanwhile. The row is what counts, and it has been saved.
      if (done) await cached.delete(was.key).catch(() => undefined)
      return done
    },
    async delete(key): Promise<void> {
      await rows.delete(key)
      await cached.delete(key)
    },
  }
}
