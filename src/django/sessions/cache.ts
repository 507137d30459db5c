import { hasTwinKeys } from '../plain-value.ts'
import { scanPickle } from '../python-pickle-scan.ts'
import { defaultMaxBytes, type PythonValue } from '../python-value.ts'
import type { DjangoStore } from './keyed-engine.ts'
import { tooLarge } from './python-values.ts'
import type { SessionText } from './record-format.ts'

/** Which of Django's engines a key belongs to: its name is part of the key. */
export type CachedBy = 'cache' | 'cached_db'

/** A cache of a Django site, as `CACHES` names it: `redisCache(client)` or `memcachedCache(client)`. */
export interface DjangoCache {
  /** How this cache writes a dict. */
  readonly text: SessionText
  /** The sessions of one engine in it. `idleMs` is `SESSION_COOKIE_AGE`. */
  store(engine: CachedBy, settings: { readonly idleMs: number; readonly now: () => number }): DjangoStore
}

/** The text of a pickle that a session becomes. Throws `SESSION_TOO_LARGE` for what could not be read back. */
export function writable(pickle: Uint8Array): string {
  if (!scanPickle(pickle, defaultMaxBytes)) throw tooLarge(`a pickle of ${pickle.length} bytes`)
  return Buffer.from(pickle).toString('latin1')
}

/** What a cache holds, as far as a program can change it without harm. */
export function changeable(value: PythonValue | undefined): PythonValue | undefined {
  return value === undefined || hasTwinKeys(value) ? undefined : value
}
