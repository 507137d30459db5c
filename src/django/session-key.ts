import { randomText } from './random-text.ts'

/** A new session key, as Django makes them: 32 lower-case letters and digits, about 165 bits. Matches `SessionBase._get_new_session_key`. */
export function createSessionKey(): string {
  return randomText(32, 'abcdefghijklmnopqrstuvwxyz0123456789')
}

/**
 * Whether a cookie value can be a session key. Django looks up whatever has 8 characters; its keys have only these, no
 * more than the column holds, and what has others is a danger to a file name or to a cache's protocol.
 */
export function isSessionKey(value: string): boolean {
  return /^[a-z0-9]{8,40}$/.test(value)
}

/** How the cache of a Django site makes its keys: `KEY_PREFIX` and `VERSION` of the setting `CACHES`. */
export interface CacheKeyOptions {
  /** @default '' */
  readonly prefix?: string
  /** @default 1 */
  readonly version?: number
}

/** The key of a session in Redis or Memcached: `:1:django.contrib.sessions.cache…`. Matches `default_key_func` on `SessionStore.cache_key`. */
export function sessionCacheKey(engine: 'cache' | 'cached_db', key: string, options: CacheKeyOptions = {}): string {
  const { prefix = '', version = 1 } = options
  return `${prefix}:${version}:django.contrib.sessions.${engine}${key}`
}

/** The name of a session's file in `SESSION_FILE_PATH`. Matches `backends.file.SessionStore._key_to_file`. */
export function sessionFileName(key: string, cookieName: string = 'sessionid'): string {
  return `${cookieName}${key}`
}
