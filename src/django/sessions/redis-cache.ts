import { createHash } from 'node:crypto'
import { KeepsakeError } from '../../errors.ts'
import { readRedisValue, writeRedisValue } from '../cache-value.ts'
import { type CacheKeyOptions, sessionCacheKey } from '../session-key.ts'
import { changeable, type DjangoCache, writable } from './cache.ts'

type Argument = string | Buffer

/** The part of a client of node-redis that is used. It makes Buffers of what Redis answers, if it is told to. */
interface NodeRedis {
  withTypeMapping(mapping: Readonly<Record<number, unknown>>): { sendCommand(args: Argument[]): Promise<unknown> }
}

/** The part of a client of ioredis that is used. */
interface IoRedis {
  callBuffer(command: string, ...args: Argument[]): Promise<unknown>
}

/** What `createClient` of node-redis makes, or a `Redis` of ioredis. */
export type DjangoRedisClient = NodeRedis | IoRedis

/** The session in a key and how long it lives, in ms. */
const read = `
local value = redis.call('GET', KEYS[1])
return value and {value, redis.call('PTTL', KEYS[1])}
`

/** KEYS: old key, new key, which may be the same. ARGV: SHA-1 of the old value, value, end in ms. */
const replace = `
local value = redis.call('GET', KEYS[1])
if not value or redis.sha1hex(value) ~= ARGV[1] then return 0 end
if KEYS[1] ~= KEYS[2] then
  if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
  redis.call('DEL', KEYS[1])
end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1
`

/**
 * The Redis of a Django site, which keeps sessions as pickles: Django's own `RedisCache`, or `django_redis`. Each write is one
 * script that compares what was read. `prefix` and `version` are `KEY_PREFIX` and `VERSION` of the cache.
 *
 * @example
 * djangoSessions({ secretKey, engine: cacheEngine(redisCache(await createClient().connect())) })
 */
export function redisCache(client: DjangoRedisClient, options: CacheKeyOptions = {}): DjangoCache {
  const send = senderOf(client)
  return {
    text: {
      write: value => writable(writeRedisValue(value)),
      read: text => changeable(readRedisValue(Buffer.from(text, 'latin1'))),
    },

    store: (engine, { now, idleMs }) => {
      const nameOf = (key: string): string => sessionCacheKey(engine, key, options)
      const left = (end: number): string => String(Math.max(1, Math.ceil(end - now())))
      return {
        async read(key) {
          const answer = await send('EVAL', read, '1', nameOf(key))
          if (!Array.isArray(answer)) return null
          const [value, ttl] = answer
          const ms = Number(ttl)
          return { payload: Buffer.from(value).toString('latin1'), end: now() + (ms < 0 ? idleMs : ms) }
        },

        async create(key, { payload, end }) {
          const answer = await send('SET', nameOf(key), bytesOf(payload), 'NX', 'PX', left(end))
          return answer !== null
        },

        async replace(was, key, { payload, end }) {
          const sha = createHash('sha1').update(bytesOf(was.payload)).digest('hex')
          const names = [nameOf(was.key), nameOf(key)]
          return Number(await send('EVAL', replace, '2', ...names, sha, bytesOf(payload), left(end))) === 1
        },

        async delete(key) {
          await send('DEL', nameOf(key))
        },
      }
    },
  }
}

function bytesOf(payload: string): Buffer {
  return Buffer.from(payload, 'latin1')
}

/** A pickle is no text: whatever comes must come as bytes. */
function senderOf(client: DjangoRedisClient): (...args: Argument[]) => Promise<unknown> {
  if (client && 'withTypeMapping' in client) {
    // 36 is `$`, the mark of a bulk string in Redis' protocol.
    const binary = client.withTypeMapping({ 36: Buffer })
    return (...args) => binary.sendCommand(args)
  }
  if (client && 'callBuffer' in client) return (command, ...args) => client.callBuffer(String(command), ...args)
  throw new KeepsakeError(
    'OPTION_INVALID',
    'redisCache: its first argument is neither what createClient of node-redis made nor a Redis of ioredis',
  )
}
