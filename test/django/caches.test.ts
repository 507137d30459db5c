import { Redis } from 'ioredis'
import { MemcacheClient } from 'memcache-client'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cachedDbEngine, cacheEngine } from '../../src/django/sessions/cache-engine.ts'
import { memcachedCache, picklesInMemcached } from '../../src/django/sessions/memcached-cache.ts'
import { redisCache } from '../../src/django/sessions/redis-cache.ts'
import { startMemcached } from '../services/memcached.ts'
import { startRedis } from '../services/redis.ts'
import { describeWithDjango } from './django-site.ts'
import { tellOfSharedLogins, tellOfSharedSessions } from './stories.ts'
import { startTogether } from './together.ts'
import { Visitor } from './two-sites.ts'

const engineOf = (name: string): { SESSION_ENGINE: string } => ({
  SESSION_ENGINE: `django.contrib.sessions.backends.${name}`,
})

describeWithDjango('with Redis', ['redis', 'django_redis'], () => {
  let redis: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    redis = await startRedis()
  }, 120_000)
  afterAll(() => redis?.stop())
  const caches = () => {
    const cache = { BACKEND: 'django_redis.cache.RedisCache', LOCATION: `redis://127.0.0.1:${redis.port}/0` }
    return { CACHES: { default: cache } }
  }

  describe('engine cache, through node-redis', () => {
    const sites = startTogether(async () => {
      const client = createClient({ socket: redis.address })
      await client.connect()
      const settings = { ...caches(), ...engineOf('cache') }
      return { settings, engine: () => cacheEngine(redisCache(client)), close: () => client.close() }
    })
    tellOfSharedSessions(sites)
    tellOfSharedLogins(sites)
  })

  describe('engine cached_db, through ioredis', () => {
    const sites = startTogether(() => {
      const client = new Redis(redis.address)
      const settings = { ...caches(), ...engineOf('cached_db') }
      return {
        settings,
        engine: database => cachedDbEngine(database, redisCache(client)),
        close: () => client.disconnect(),
      }
    })
    tellOfSharedSessions(sites)
    tellOfSharedLogins(sites)
  })
})

describeWithDjango('with Memcached', ['pymemcache'], () => {
  let memcached: Awaited<ReturnType<typeof startMemcached>>
  beforeAll(async () => {
    memcached = await startMemcached()
  }, 120_000)
  afterAll(() => memcached?.stop())

  describe('engine cache', () => {
    const sites = startTogether(() => {
      const server = `127.0.0.1:${memcached.port}`
      const client = new MemcacheClient({ server, compressor: picklesInMemcached })
      const cache = { BACKEND: 'django.core.cache.backends.memcached.PyMemcacheCache', LOCATION: server }
      const settings = { CACHES: { default: cache }, ...engineOf('cache') }
      return { settings, engine: () => cacheEngine(memcachedCache(client)), close: () => client.shutdown() }
    })
    tellOfSharedSessions(sites)
    tellOfSharedLogins(sites)
  })
})

describeWithDjango('a session that Django pickled with something that is not JSON’s', ['redis', 'django_redis'], () => {
  let redis: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    redis = await startRedis()
  }, 120_000)
  afterAll(() => redis?.stop())
  const sites = startTogether(() => {
    const client = new Redis(redis.address)
    const cache = { BACKEND: 'django_redis.cache.RedisCache', LOCATION: `redis://127.0.0.1:${redis.port}/0` }
    const settings = { CACHES: { default: cache }, ...engineOf('cache') }
    return { settings, engine: () => cacheEngine(redisCache(client)), close: () => client.disconnect() }
  })

  it('is not written over, and Django goes on with it', async () => {
    const { django, keepsake } = sites()
    const visitor = new Visitor(django, keepsake)
    await visitor.django('/count')
    await visitor.django('/put_object')
    expect(await visitor.keepsake('/dump')).toMatchObject({ data: {} })
    expect(await visitor.status('keepsake', '/put_now?json={"a":1}')).toBe(500)
    expect(keepsake.events.at(-1)).toMatchObject({ type: 'record-corrupt' })
    expect(await visitor.django('/count')).toEqual({ count: 2 })
  })
})
