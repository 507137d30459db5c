import { readFileSync } from 'node:fs'
import { MemcacheClient } from 'memcache-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { memcachedStore } from '../../../src/stores/memcached.ts'
import { describeWithService } from '../describe-with-service.ts'
import { startMemcached } from '../memcached.ts'
import type { Server } from '../server.ts'
import { idOf, spellingsOf, visitorOf } from '../visitors.ts'
import { itemsIn } from './items.ts'

describeWithService('memcached', () => {
  let server: Server
  let client: MemcacheClient
  beforeAll(async () => {
    server = await startMemcached(['-vv'])
    client = new MemcacheClient({ server: `127.0.0.1:${server.port}` })
  })
  afterAll(async () => {
    client.shutdown()
    await server.stop()
  })
  const newVisitor = () => visitorOf(memcachedStore(client, { onWarning: () => undefined }))

  /** The names of the commands that the server has written down. */
  const commands = (): string[] =>
    [...readFileSync(server.log, 'utf8').matchAll(/^<\d+ (\w+) keepsake:/gm)].map(([, name = '']) => name)

  it.each([
    ['/name', []],
    ['/begin?name=ada', ['add']],
    ['/name', ['gets']],
    ['/count', ['gets', 'cas']],
    ['/login', ['gets', 'add', 'cas', 'replace']],
    ['/logout', ['gets', 'delete']],
  ])('%s costs %j', async (page, names) => {
    const visitor = newVisitor()
    if (!['/begin?name=ada'].includes(page) && names.length > 0) await visitor.see('/begin?name=ada')
    const before = commands().length
    await visitor.see(page)
    expect(commands().slice(before)).toEqual(names)
  })

  it('the server hears and keeps ids, and no token in any spelling', async () => {
    const visitor = newVisitor()
    const tokens: string[] = []
    for (const page of ['/begin?name=ada', '/count', '/login', '/count', '/rotate', '/name']) {
      await visitor.see(page)
      tokens.push(visitor.token)
    }
    const heard = readFileSync(server.log, 'utf8')
    const kept = (await itemsIn(server.port)).join('')
    expect(heard).toContain(idOf(visitor))
    expect(kept).toContain(`keepsake:${idOf(visitor)}`)
    expect(kept).toContain('"name":"ada"')
    expect(new Set(tokens).size).toBe(3)
    for (const spelling of tokens.flatMap(spellingsOf)) {
      expect(heard).not.toContain(spelling)
      expect(kept).not.toContain(spelling)
    }
  })
})
