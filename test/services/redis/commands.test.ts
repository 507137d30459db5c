import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import type { SessionStore } from '../../../src/stores/store.ts'
import { newId, newRecord, readExisting } from '../../../src/testing/store-contract/samples.ts'
import type { Browser } from '../../support/site.ts'
import { describeWithService } from '../describe-with-service.ts'
import { ask } from '../line-protocol.ts'
import type { SocketAddress } from '../redis.ts'
import { idOf, loggedIn, spellingsOf, visitorOf } from '../visitors.ts'

/** What servers were told about the keys of one prefix. */
interface Overheard {
  /** All that was said, inside of scripts too. */
  readonly all: () => string
  /** The names of the commands since the last call, but of those inside of scripts. */
  since(): Promise<string[]>
}

/** Listens to these servers with MONITOR until the tests of this group are over. */
function overhear(nodes: readonly SocketAddress[], prefix: string): Overheard {
  const lines: string[] = []
  const listeners: Awaited<ReturnType<typeof listenTo>>[] = []
  let heard = 0
  beforeAll(async () => {
    for (const { port } of nodes) listeners.push(await listenTo(port))
  })
  afterAll(() => {
    for (const { stop } of listeners) stop()
  })
  return {
    all: () => lines.join('\n'),
    async since() {
      const news = await Promise.all(listeners.map(({ catchUp }) => catchUp()))
      // Each line begins with the time.
      lines.push(
        ...news
          .flat()
          .sort()
          .filter(line => line.includes(prefix)),
      )
      const commands = lines.slice(heard).filter(line => !line.includes(' lua]'))
      heard = lines.length
      return commands.map(line => /\] "(\w+)"/.exec(line)?.[1]?.toUpperCase() ?? line)
    },
  }
}

/** What a server is told, line by line, from now on. `catchUp` gives all that came since the last call. */
async function listenTo(port: number): Promise<{ catchUp(): Promise<string[]>; stop(): void }> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  const lines = createInterface(socket)[Symbol.asyncIterator]()
  socket.write('MONITOR\r\n')
  await lines.next()
  return {
    async catchUp() {
      const mark = randomUUID()
      await ask(port, `ECHO ${mark}`)
      const news: string[] = []
      for (;;) {
        const { value = mark } = await lines.next()
        if (value.includes(mark)) return news
        news.push(value)
      }
    },
    stop: () => socket.destroy(),
  }
}

/** All keys of this prefix, and what is in them. */
async function dump(nodes: readonly SocketAddress[], prefix: string): Promise<string> {
  const texts: string[] = []
  for (const { host, port } of nodes) {
    const client = new Redis(port, host)
    for (const key of await client.keys(`${prefix}*`)) {
      texts.push(key)
      if ((await client.type(key)) === 'zset') texts.push(...(await client.zrange(key, '0', '-1')))
      else texts.push((await client.get(key)) ?? '')
    }
    client.disconnect()
  }
  return texts.join('\n')
}

/** The commands that each page of a visit costs. */
type Costs = Readonly<Record<string, readonly string[]>>

/** The servers learn the scripts: of a Cluster each, by visitors enough. */
async function teachScripts(store: SessionStore): Promise<void> {
  const visitors = await Promise.all(Array.from({ length: 60 }, (_, i) => loggedIn(`early-${i}`, store)))
  for (const page of ['/count', '/rotate', '/logout']) await Promise.all(visitors.map(visitor => visitor.see(page)))
}

function tellOfCommands(
  nodes: readonly SocketAddress[],
  client: Redis | Cluster,
  { anonymous, user }: { anonymous: Costs; user: Costs },
): void {
  const prefix = `test-${randomUUID()}:`
  const overheard = overhear(nodes, prefix)
  const store: SessionStore = redisStore(client, { prefix })

  async function costsOf(visitor: Browser, costs: Costs): Promise<void> {
    await overheard.since()
    for (const [page, names] of Object.entries(costs)) {
      await visitor.see(page)
      expect([page, await overheard.since()]).toEqual([page, names])
    }
  }

  it('a page costs one GET to read and one script to write', async () => {
    await teachScripts(store)
    const visitor = visitorOf(store)
    await costsOf(visitor, anonymous)
    await costsOf(visitor, user)
  })

  it('the server hears and keeps ids, and no token in any spelling', async () => {
    const visitor = visitorOf(store)
    const tokens: string[] = []
    for (const page of ['/begin?name=ada', '/count', '/login', '/count', '/rotate', '/name']) {
      await visitor.see(page)
      tokens.push(visitor.token)
    }
    await overheard.since()
    const kept = await dump(nodes, prefix)
    expect(kept).toContain(`${prefix}session:${idOf(visitor)}`)
    expect(kept).toContain(`${prefix}index:userId:ada`)
    expect(overheard.all()).toContain(idOf(visitor))
    expect(new Set(tokens).size).toBe(3)
    for (const spelling of tokens.flatMap(spellingsOf)) {
      expect(overheard.all()).not.toContain(spelling)
      expect(kept).not.toContain(spelling)
    }
  })
}

describeWithService('redis', address => {
  const client = new Redis(address.port, address.host)
  afterAll(() => client.disconnect())
  tellOfCommands([address], client, {
    anonymous: {
      '/name': [],
      '/begin?name=ada': ['EVALSHA'],
      '/name?': ['GET'],
      '/count': ['GET', 'EVALSHA'],
      '/login': ['GET', 'EVALSHA'],
    },
    user: {
      '/name': ['GET'],
      '/count': ['GET', 'EVALSHA'],
      '/rotate': ['GET', 'EVALSHA'],
      '/logout': ['GET', 'DEL'],
    },
  })

  const prefix = `test-${randomUUID()}:`
  const { since } = overhear([address], prefix)

  it('visitors who come in the same moment cost one MGET to read and one script to write', async () => {
    const store = redisStore(client, { prefix })
    await teachScripts(store)
    const visitors = await Promise.all(Array.from({ length: 20 }, (_, i) => loggedIn(`user-${i}`, store)))
    await since()
    const counts = await Promise.all(visitors.map(visitor => visitor.see('/count')))
    expect(counts).toEqual(visitors.map(() => 1))
    expect(await since()).toEqual(['MGET', 'EVALSHA'])
    expect(await Promise.all(visitors.map(visitor => visitor.see('/name')))).toEqual(
      visitors.map((_, i) => `user-${i}`),
    )
  })

  it('a large session is saved by a command of its own, and holds up nobody else', async () => {
    const store = redisStore(client, { prefix })
    const ids = Array.from({ length: 3 }, newId)
    for (const id of ids) await store.create(id, newRecord())
    const versions = await Promise.all(ids.map(async id => (await readExisting(store, id)).version))
    await since()
    const payloads = ['small', 'x'.repeat(20_000), 'small']
    const changes = ids.map((id, i) =>
      store.replace({ id, version: versions[i] ?? '' }, id, newRecord({ payload: payloads[i] ?? '' })),
    )
    expect(await Promise.all(changes)).toEqual([true, true, true])
    expect(await since()).toEqual(['EVALSHA', 'EVALSHA'])
    expect(await Promise.all(ids.map(async id => (await readExisting(store, id)).payload))).toEqual(payloads)
  })

  it('of sessions that are saved at once, one that cannot be leaves the others alone', async () => {
    const store = redisStore(client, { prefix })
    const ids = Array.from({ length: 5 }, newId)
    const record = newRecord({ index: { userId: 'ada' } })
    for (const id of ids) await store.create(id, record)
    const versions = await Promise.all(ids.map(async id => (await readExisting(store, id)).version))
    // No index can be there any more.
    await client.set(`${prefix}index:userId:bob`, 'a text')
    const changes = ids.map((id, i) => {
      const index = { userId: i === 2 ? 'bob' : 'ada' }
      return store.replace({ id, version: versions[i] ?? '' }, id, { ...record, payload: 'changed', index })
    })
    const outcomes = await Promise.allSettled(changes)
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(ids.map((_, i) => i !== 2))
    expect(String((outcomes[2] as PromiseRejectedResult).reason)).toContain('WRONGTYPE')
    for (const id of ids.toSpliced(2, 1)) expect(await store.read(id)).toMatchObject({ payload: 'changed' })
  })

  it('of sessions that are saved at once, one with a version that no record has is not, and leaves the others alone', async () => {
    const store = redisStore(client, { prefix })
    const ids = Array.from({ length: 3 }, newId)
    for (const id of ids) await store.create(id, newRecord())
    const [first, , last] = await Promise.all(ids.map(async id => (await readExisting(store, id)).version))
    for (const odd of ['', 'a b', '1 2 3', 'a\nb']) {
      const versions = odd === '' ? [first, odd, last] : ['gone', odd, 'gone']
      const changes = ids.map((id, i) => store.replace({ id, version: versions[i] ?? '' }, id, newRecord()))
      expect(await Promise.all(changes)).toEqual([odd === '', false, odd === ''])
    }
  })

  it('what is no record beside the records of others is an error, and no visitor without a session', async () => {
    const store = redisStore(client, { prefix })
    const [id, odd] = [newId(), newId()]
    await store.create(id, newRecord())
    await client.lpush(`${prefix}session:${odd}`, 'x')
    const [found, absent, broken] = await Promise.allSettled([id, newId(), odd].map(store.read))
    expect(found).toMatchObject({ value: { version: expect.any(String) } })
    expect(absent).toMatchObject({ value: null })
    expect(broken).toMatchObject({ reason: { message: expect.stringContaining('WRONGTYPE') } })
  })

  it('a user who may not run MGET is refused it once', async () => {
    const rights = ['~*', '+@all', '-mget']
    await client.call('ACL', 'SETUSER', 'no-mget', 'reset', 'on', '>secret', ...rights)
    await client.call('ACL', 'LOG', 'RESET')
    const limited = new Redis({ port: address.port, host: address.host, username: 'no-mget', password: 'secret' })
    const store = redisStore(limited, { prefix })
    const ids = Array.from({ length: 5 }, newId)
    for (const id of ids) await store.create(id, newRecord())
    for (let round = 0; round < 3; round++) expect(await Promise.all(ids.map(store.read))).not.toContain(null)
    const log = (await client.call('ACL', 'LOG')) as unknown[][]
    expect(log.map(entry => entry[entry.indexOf('count') + 1])).toEqual([1])
    limited.disconnect()
  })

  it('a server that has forgotten the scripts is told them again', async () => {
    const store = redisStore(client)
    const visitor = await loggedIn('ada', store)
    await client.script('FLUSH')
    expect(await visitor.see('/count')).toBe(1)
    await client.script('FLUSH')
    await visitor.see('/rotate')
    expect(await visitor.see('/name')).toBe('ada')
  })
})

describeWithService('redis-cluster', nodes => {
  const client = new Cluster([...nodes])
  afterAll(() => client.disconnect())
  const [index, reserve, remove, store] = ['EVALSHA', 'EVALSHA', 'EVALSHA', 'EVALSHA']
  tellOfCommands(nodes, client, {
    anonymous: {
      '/name': [],
      '/begin?name=ada': [store],
      '/name?': ['GET'],
      '/count': ['GET', store],
      '/login': ['GET', reserve, index, remove, store],
    },
    user: {
      '/name': ['GET'],
      '/count': ['GET', index, store],
      '/rotate': ['GET', reserve, index, remove, store],
      '/logout': ['GET', 'DEL'],
    },
  })
})
