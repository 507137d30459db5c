import { KeepsakeError } from '../../errors.ts'
import { readMemcachedValue, writeMemcachedValue } from '../cache-value.ts'
import { type CacheKeyOptions, sessionCacheKey } from '../session-key.ts'
import { changeable, type DjangoCache, writable } from './cache.ts'
import { endFrom } from './expiry-choice.ts'
import type { DjangoRecord, DjangoStore } from './keyed-engine.ts'
import type { SessionText } from './record-format.ts'

/** The part of a client of the package `memcache-client` that is used. */
export interface DjangoMemcachedClient {
  gets(key: string): Promise<{ readonly value: unknown; readonly casUniq: string | number } | undefined>
  send(write: (socket: { write(bytes: Buffer): unknown } | undefined) => void): Promise<unknown>
  delete(key: string): Promise<unknown>
  readonly options: { readonly compressor?: unknown }
}

/**
 * Lets a `MemcacheClient` read pickles: Python's clients mark them with the flag by which this one knows what it compressed.
 *
 * @example
 * new MemcacheClient({ server: 'localhost:11211', compressor: picklesInMemcached })
 */
export const picklesInMemcached = {
  compressSync(): never {
    throw new KeepsakeError('OPTION_INVALID', 'picklesInMemcached does not compress')
  },
  /** As Latin-1: the client makes text of it, in which UTF-8 would lose bytes. */
  decompressSync: ({ input }: { readonly input: string | number | Buffer }): string =>
    typeof input === 'object' ? input.toString('latin1') : String(input),
}

/** The pickle flag of `pymemcache.serde`. */
const pickle = 1

const text: SessionText = {
  write: value => writable(writeMemcachedValue(value).bytes),
  read: payload => changeable(readMemcachedValue({ bytes: Buffer.from(payload, 'latin1'), flags: pickle })),
}

/**
 * The Memcached of a Django site, as `PyMemcacheCache` keeps it. `prefix` and `version` are `KEY_PREFIX` and `VERSION` of the
 * cache. Memcached does not tell how old a record is: here, a session is taken to have been saved when it is read.
 */
export function memcachedCache(client: DjangoMemcachedClient, options: CacheKeyOptions = {}): DjangoCache {
  if (client?.options?.compressor !== picklesInMemcached) {
    throw new KeepsakeError(
      'OPTION_INVALID',
      'memcachedCache: its first argument is no MemcacheClient of memcache-client with compressor: picklesInMemcached',
    )
  }
  return {
    text,
    store(engine, { now, idleMs }): DjangoStore {
      const nameOf = (key: string): string => sessionCacheKey(engine, key, options)
      const stored = (command: string, key: string, record: DjangoRecord, cas = ''): Promise<boolean> =>
        isDone(client.send(socket => socket?.write(commandFor(`${command} ${nameOf(key)}`, record, now(), cas))))
      return {
        async read(key): Promise<DjangoRecord | null> {
          const payload = (await client.gets(nameOf(key)))?.value
          if (typeof payload !== 'string') return null
          return { payload, end: endFrom(text.read(payload), now(), idleMs) }
        },

        create: (key, record) => stored('add', key, record),

        async replace(was, key, record): Promise<boolean> {
          const current = await client.gets(nameOf(was.key))
          if (current?.value !== was.payload) return false
          const cas = ` ${current.casUniq}`
          if (key === was.key) return stored('cas', key, record, cas)
          // The old key leads nowhere before the new one leads here.
          const over = { payload: was.payload, end: Number.NEGATIVE_INFINITY }
          return (await stored('cas', was.key, over, cas)) && stored('add', key, record)
        },

        async delete(key): Promise<void> {
          await isDone(client.delete(nameOf(key)))
        },
      }
    },
  }
}

function commandFor(head: string, { payload, end }: DjangoRecord, now: number, cas: string): Buffer {
  const bytes = Buffer.from(payload, 'latin1')
  const line = `${head} ${pickle} ${lifetimeUntil(end, now)} ${bytes.length}${cas}\r\n`
  return Buffer.concat([Buffer.from(line), bytes, Buffer.from('\r\n')])
}

/** Memcached takes more than 30 days for a date, in seconds since 1970, less than 0 for over, and 0 for no end. */
function lifetimeUntil(end: number, now: number): number {
  const left = Math.ceil((end - now) / 1000)
  if (left <= 0) return -1
  if (left <= 30 * 24 * 3600) return left
  const date = Math.ceil(end / 1000)
  return date < 2 ** 31 ? date : 0
}

/** Whether the server did it; false if what it was to be done to is gone, newer or in the way. */
async function isDone(reply: Promise<unknown>): Promise<boolean> {
  try {
    await reply
    return true
  } catch (error) {
    if (error instanceof Error && /^(NOT_STORED|EXISTS|NOT_FOUND)$/.test(error.message)) return false
    throw error
  }
}
