import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cachedStore } from '../../../src/stores/cached.ts'
import { databaseStore } from '../../../src/stores/database/database-store.ts'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import { describeSessionStore } from '../../../src/testing/describe-session-store.ts'
import { inTurns } from '../../support/in-turns.ts'
import { describeOnServers } from '../database/sql-database.ts'
import { describeWithService } from '../describe-with-service.ts'
import { idOf, spellingsOf, visitorOf } from '../visitors.ts'

describeWithService('redis', socket => {
  const client = createClient({ socket }).on('error', () => undefined)
  beforeAll(async () => void (await client.connect()))
  afterAll(() => client.destroy())

  describeOnServers(database => {
    const prefix = `cache-of-${database.kind}:`
    /** As two processes have it: pools of their own, and one cache. */
    const connect = () => {
      const store = databaseStore(database.pool().handle)
      return { store, cached: cachedStore({ store, cache: redisStore(client, { prefix }) }) }
    }
    const [here, there] = [connect(), connect()]
    beforeAll(() => here.store.migrate())

    describeSessionStore('cachedStore in two processes', () => inTurns([here.cached, there.cached]), {
      describe,
      it,
      index: true,
      sweep: true,
    })

    it('the cache has copies, and no token in any spelling', async () => {
      const visitor = visitorOf(here.cached)
      const tokens: string[] = []
      let seen = ''
      for (const page of ['/begin?name=ada', '/name', '/login', '/count', '/name', '/rotate', '/name']) {
        await visitor.see(page)
        tokens.push(visitor.token)
        const keys = await client.keys(`${prefix}*`)
        seen += `${keys} ${keys.length ? await client.mGet(keys) : ''}`
      }
      expect(seen).toContain(idOf(visitor))
      expect(seen).toContain('"name":"ada"')
      expect(new Set(tokens).size).toBe(3)
      for (const spelling of tokens.flatMap(spellingsOf)) expect(seen).not.toContain(spelling)
    })
  })
})
