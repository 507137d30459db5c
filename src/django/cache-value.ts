import { readPickle } from './python-pickle-read.ts'
import { writePickle } from './python-pickle-write.ts'
import { decodeUtf8 } from './python-utf8.ts'
import { defaultMaxBytes, isInt, maxDigits, type PythonValue, pythonInt } from './python-value.ts'

/**
 * A value as Django's Redis cache keeps it: an int in digits, so that Redis can count, and all else as a pickle. Matches
 * `django.core.cache.backends.redis.RedisSerializer.dumps`.
 */
export function writeRedisValue(value: PythonValue): Uint8Array {
  return isIntValue(value) ? Buffer.from(String(value)) : writePickle(value)
}

/** The value of what Django keeps in Redis; undefined for what is none. Never throws. Matches `RedisSerializer.loads`. */
export function readRedisValue(bytes: Uint8Array, maxBytes: number = defaultMaxBytes): PythonValue | undefined {
  return readDigits(bytes) ?? readPickle(bytes, maxBytes)
}

/** A value in Memcached, with the flags that tell its type. */
export interface MemcachedValue {
  readonly bytes: Uint8Array
  readonly flags: number
}

/** The flags of `pymemcache.serde`, which are also those of python-memcached and pylibmc. No flag: bytes. */
const flag = { pickle: 1, integer: 2, long: 4, compressed: 8, text: 16 } as const

/** A value as Django's `PyMemcacheCache` keeps it. Matches `pymemcache.serde.pickle_serde.serialize`. */
export function writeMemcachedValue(value: PythonValue): MemcachedValue {
  if (value instanceof Uint8Array) return { bytes: value, flags: 0 }
  if (typeof value === 'string' && value.isWellFormed()) return { bytes: Buffer.from(value), flags: flag.text }
  if (isIntValue(value)) return { bytes: Buffer.from(String(value)), flags: flag.integer }
  return { bytes: writePickle(value), flags: flag.pickle }
}

/**
 * The value of what Django keeps in Memcached; undefined for what is none, and for what a client compressed, which Django's
 * do not unless told to. Never throws. Matches `pickle_serde.deserialize`.
 */
export function readMemcachedValue(
  { bytes, flags }: MemcachedValue,
  maxBytes: number = defaultMaxBytes,
): PythonValue | undefined {
  if (bytes.length > maxBytes) return undefined
  if (flags === 0) return Uint8Array.from(bytes)
  if (flags & flag.compressed) return undefined
  if (flags & flag.text) return decodeUtf8(bytes)
  if (flags & (flag.integer | flag.long)) return readDigits(bytes)
  return flags & flag.pickle ? readPickle(bytes, maxBytes) : undefined
}

function isIntValue(value: PythonValue): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && isInt(value))
}

function readDigits(bytes: Uint8Array): number | bigint | undefined {
  if (bytes.length === 0 || bytes.length > maxDigits + 1) return undefined
  const text = Buffer.from(bytes).toString('latin1')
  return /^[-+]?\d+$/.test(text) ? pythonInt(BigInt(text.replace('+', ''))) : undefined
}
