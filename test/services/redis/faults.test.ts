import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import type { SessionIndex, SessionStore } from '../../../src/stores/store.ts'
import { newId, newRecord } from '../../../src/testing/store-contract/samples.ts'
import type { Browser } from '../../support/site.ts'
import { describeWithService } from '../describe-with-service.ts'
import { ask } from '../line-protocol.ts'
import { startRedis } from '../redis.ts'
import type { Server } from '../server.ts'
import { eventsOf, idOf, loggedIn, samePerson, visitorOf } from '../visitors.ts'
import { clientsOfOne, type OpenClient } from './clients.ts'

const impatient = { storeDeadline: '200ms' } as const

type Store = SessionStore & SessionIndex

/** A server for the tests of this group, and a store on it, which is there when a test runs. */
function ownRedis(
  settings: Readonly<Record<string, string>> = {},
  connect = clientsOfOne['createClient of node-redis'],
): { server: () => Server; store: () => Store; warnings: string[] } {
  const warnings: string[] = []
  let server: Server
  let opened: OpenClient
  let store: Store
  beforeAll(async () => {
    server = await startRedis(settings)
    if (connect) opened = await connect({ host: '127.0.0.1', port: server.port })
    store = redisStore(opened.client, { onWarning: text => warnings.push(text) })
  })
  afterAll(async () => {
    await opened.close()
    await server.stop()
  })
  return { server: () => server, store: () => store, warnings }
}

/** As soon as the store works again, this visitor is who they were. */
async function isBack(visitor: Browser, name: string): Promise<void> {
  await expect.poll(async () => (await visitor.open('/name')).status, { timeout: 20_000 }).toBe(200)
  expect(await visitor.see('/name')).toBe(name)
}

/** An error within the deadline, and nothing that changes what the browser holds. */
async function isTurnedAway(store: SessionStore, visitor: Browser, path: string): Promise<void> {
  const { status, headers } = await samePerson(visitor, store, impatient).open(path)
  expect([path, status, headers.getSetCookie()]).toEqual([path, 503, []])
}

/** With `everysec`, a server whose disk is slow replies up to two seconds before it writes, and a killed one loses that. */
const durable = { appendfsync: 'always' }

const names = Array.from({ length: 20 }, (_, i) => `visitor-${i}`)

describeWithService('redis', () => {
  for (const [kind, connect] of Object.entries(clientsOfOne)) {
    describe(`a Redis that fails ${kind}`, () => tellOfOutages(ownRedis(durable, connect)))
  }
  describe('a Redis that is down when the program starts', tellOfStarts)
  describe('a Redis that refuses', tellOfRefusals)
  describe('a Redis that takes no command of several keys', tellOfSlots)
  describe('a Redis that is full and drops sessions', tellOfEviction)
})

function tellOfOutages({ server, store }: ReturnType<typeof ownRedis>): void {
  it('is killed: visitors get 503 until it is back, and then all of them are who they were', async () => {
    const visitors = await Promise.all(names.map(name => loggedIn(name, store())))
    await server().crash()
    await Promise.all(visitors.map(visitor => isTurnedAway(store(), visitor, '/name')))
    expect(await visitorOf(store()).see('/name')).toBeNull()
    await server().restart()
    await Promise.all(visitors.map((visitor, i) => isBack(visitor, names[i] ?? '')))
    expect(new Set(visitors.map(idOf)).size).toBe(names.length)
  })

  it('hangs: visitors get 503 within the deadline, late replies reach nobody else, and no connection is left behind', async () => {
    const connections: number[] = []
    for (let round = 0; round < 3; round++) {
      const visitors = await Promise.all(names.map(name => loggedIn(name, store())))
      connections.push(await connectedClients(server()))
      await server().pause()
      await Promise.all(visitors.map((visitor, i) => isTurnedAway(store(), visitor, i % 2 === 0 ? '/name' : '/count')))
      await Promise.all(visitors.map(visitor => isTurnedAway(store(), visitor, '/logout')))
      server().resume()
      for (const [i, visitor] of visitors.entries()) {
        // A logout that was answered with 503 may have happened all the same, but nobody becomes someone else.
        expect([names[i], null]).toContain(await visitor.see('/name'))
      }
    }
    expect(connections[2]).toBe(connections[1])
  })
}

async function connectedClients({ port }: Server): Promise<number> {
  return Number(/connected_clients:(\d+)/.exec(await ask(port, 'INFO clients'))?.[1])
}

function tellOfStarts(): void {
  const { server, store } = ownRedis(durable)

  it('serves those without a cookie, turns away those with one, and needs no restart when it is up', async () => {
    const visitor = await loggedIn('ada', store())
    await server().crash()
    const client = createClient({ socket: { host: '127.0.0.1', port: server().port } })
    const connecting = client.on('error', () => undefined).connect()
    const started = redisStore(client)
    const known = samePerson(visitor, started)
    await isTurnedAway(started, known, '/name')
    expect(await visitorOf(started).see('/name')).toBeNull()
    await isTurnedAway(started, visitorOf(started), '/count')
    await server().restart()
    await isBack(known, 'ada')
    await connecting
    client.destroy()
  })
}

/** What makes a server refuse, how it says so, and what ends it. */
interface Trouble {
  readonly name: string
  readonly begin: (say: (line: string) => Promise<string>) => Promise<unknown>
  readonly says: RegExp
  readonly refuses: 'reads and writes' | 'writes' | 'what takes memory'
  readonly end: (say: (line: string) => Promise<string>) => Promise<unknown>
}

const troubles: readonly Trouble[] = [
  {
    name: 'as it loads its data',
    says: /LOADING/,
    refuses: 'reads and writes',
    async begin(say) {
      await say('DEBUG POPULATE 2000 filler 2000')
      await say('CONFIG SET key-load-delay 2000 loading-process-events-interval-bytes 1024 rdbcompression no')
      void say('DEBUG RELOAD').catch(() => undefined)
      await expect.poll(() => say('GET x').catch(String)).toMatch(/LOADING/)
    },
    end: say => say('CONFIG SET key-load-delay 0'),
  },
  {
    name: 'as it cannot write to its disk',
    says: /MISCONF/,
    refuses: 'writes',
    async begin(say) {
      await say('CONFIG SET save "3600 1" dir /proc')
      await say('BGSAVE')
      await expect.poll(() => say('INFO persistence')).toContain('rdb_last_bgsave_status:err')
    },
    end: say => say('CONFIG SET save ""'),
  },
  {
    name: 'as its memory is full',
    says: /OOM/,
    refuses: 'what takes memory',
    begin: say => say('CONFIG SET maxmemory 1 maxmemory-policy noeviction'),
    end: say => say('CONFIG SET maxmemory 0'),
  },
  {
    name: 'as it has become a replica',
    says: /READONLY/,
    refuses: 'writes',
    begin: say => say('REPLICAOF 127.0.0.1 1'),
    end: say => say('REPLICAOF NO ONE'),
  },
  {
    name: 'as a replica that has lost its primary and is not to serve old data',
    says: /MASTERDOWN/,
    refuses: 'reads and writes',
    async begin(say) {
      await say('CONFIG SET replica-serve-stale-data no')
      await say('REPLICAOF 127.0.0.1 1')
    },
    end: say => say('REPLICAOF NO ONE'),
  },
  {
    name: 'as this user may not',
    says: /NOPERM/,
    refuses: 'reads and writes',
    begin: say => say('ACL SETUSER default -get -evalsha -eval -del'),
    end: say => say('ACL SETUSER default +@all'),
  },
  {
    name: 'as somebody else keeps it busy',
    says: /BUSY/,
    refuses: 'reads and writes',
    async begin(say) {
      await say('CONFIG SET busy-reply-threshold 1')
      void say('EVAL "while true do end" 0').catch(() => undefined)
      await expect.poll(() => say('GET x').catch(String)).toMatch(/BUSY/)
    },
    end: say => say('SCRIPT KILL'),
  },
]

function tellOfRefusals(): void {
  const { server, store } = ownRedis({ 'enable-debug-command': 'yes', 'enable-protected-configs': 'yes' })
  const say = (line: string): Promise<string> => ask(server().port, line)

  for (const { name, says, refuses, begin, end } of troubles) {
    it(`${refuses}, ${name}: that is an error, and never "no session"`, async () => {
      const [reader, writer, leaver] = await Promise.all(
        ['reader', 'writer', 'leaver'].map(who => loggedIn(who, store())),
      )
      if (!reader || !writer || !leaver) throw new Error('nobody is here')
      await begin(say)
      try {
        await expect(store().create(newId(), newRecord())).rejects.toThrow(says)
        await isTurnedAway(store(), writer, '/count')
        if (refuses === 'reads and writes') await isTurnedAway(store(), reader, '/name')
        else expect(await reader.see('/name')).toBe('reader')
        if (refuses !== 'what takes memory') {
          await isTurnedAway(store(), writer, '/rotate')
          await isTurnedAway(store(), leaver, '/logout')
        } else expect((await leaver.open('/logout')).status).toBe(200)
      } finally {
        await end(say)
      }
      await isBack(reader, 'reader')
      await isBack(writer, 'writer')
      expect(await writer.see('/count')).toBe(1)
    })
  }

  it('of many who save at once: that reaches the client as an error, which may connect anew by it', async () => {
    const seen: string[] = []
    const reconnectOnError = ({ message }: Error): boolean => {
      seen.push(message.split(' ', 1).join())
      return false
    }
    const client = new Redis({ host: '127.0.0.1', port: server().port, reconnectOnError })
    const store = redisStore(client)
    const visitors = await Promise.all(['ada', 'bob', 'eve'].map(who => loggedIn(who, store)))
    await Promise.all(visitors.map(visitor => visitor.see('/count')))
    await say('CONFIG SET replica-serve-stale-data yes')
    await say('REPLICAOF 127.0.0.1 1')
    const answers = await Promise.all(visitors.map(visitor => visitor.open('/count')))
    await say('REPLICAOF NO ONE')
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503])
    expect(seen).toEqual(['READONLY'])
    expect(await Promise.all(visitors.map(visitor => visitor.see('/count')))).toEqual([2, 2, 2])
    client.disconnect()
  })

  it('a client that gave no password: that is an error, and never "no session"', async () => {
    const visitor = await loggedIn('ada', store())
    await say('CONFIG SET requirepass secret')
    const client = new Redis(server().port, '127.0.0.1').on('error', () => undefined)
    await isTurnedAway(redisStore(client), visitor, '/name')
    client.disconnect()
  })
}

/** As behind a proxy that spreads keys over servers: a node of a Cluster that has all slots, asked by a client that knows of none. */
function tellOfSlots(): void {
  const { server, store } = ownRedis({ 'cluster-enabled': 'yes' })
  const say = (line: string): Promise<string> => ask(server().port, line)

  it('serves visitors who come in the same moment all the same, each by commands of their own', async () => {
    await say('CLUSTER ADDSLOTSRANGE 0 16383')
    await expect.poll(() => say('CLUSTER INFO'), { timeout: 10_000 }).toContain('cluster_state:ok')
    await expect(say('MGET one two')).rejects.toThrow('CROSSSLOT')
    const visitors = names.map(() => visitorOf(store()))
    for (const [i, visitor] of visitors.entries()) await visitor.see(`/begin?name=${names[i]}`)
    for (const count of [1, 2]) {
      expect(await Promise.all(visitors.map(visitor => visitor.see('/count')))).toEqual(names.map(() => count))
    }
    expect(await Promise.all(visitors.map(visitor => visitor.see('/name')))).toEqual(names)
  })
}

function tellOfEviction(): void {
  const settings = { maxmemory: '4mb', 'maxmemory-policy': 'volatile-lru', appendonly: 'no' }
  const { store, warnings } = ownRedis(settings)

  it('is warned of, once, with the fix', async () => {
    await Promise.all([store().read(newId()), store().read(newId())])
    await expect.poll(() => warnings).toEqual([expect.stringMatching(/volatile-lru.*to noeviction/)])
    await store().read(newId())
    expect(warnings).toHaveLength(1)
  })

  it('logs those people out who lost their session, with one event, and leaves their cookie alone', async () => {
    const { types, onEvent } = eventsOf()
    const visitors = await Promise.all(names.map(name => loggedIn(name, store(), { onEvent })))
    const ids = visitors.map(idOf)
    let lost = -1
    while (lost === -1) {
      const flood = Array.from({ length: 200 }, () => newRecord({ payload: 'x'.repeat(2000) }))
      await Promise.all(flood.map(record => store().create(newId(), record)))
      lost = (await Promise.all(ids.map(id => store().read(id)))).indexOf(null)
    }
    const visitor = visitors[lost]
    const { cookie } = visitor ?? {}
    const answer = await visitor?.open('/name')
    expect([answer?.status, await answer?.json(), answer?.headers.getSetCookie()]).toEqual([200, null, []])
    expect(types).toEqual(['session-unknown'])
    expect(visitor?.cookie).toBe(cookie)
    expect(await visitor?.see('/count')).toBe(1)
    expect(visitor?.cookie).not.toBe(cookie)
  })

  it('is not warned of where it cannot happen, or where the server does not tell', async () => {
    for (const setting of ['maxmemory 0', 'maxmemory-policy noeviction']) {
      const quiet = await startRedis({ ...settings, ...Object.fromEntries([setting.split(' ')]) })
      const silent = await startRedis(settings)
      await ask(silent.port, 'ACL SETUSER default -info')
      for (const { port, stop } of [quiet, silent]) {
        const client = createClient({ socket: { host: '127.0.0.1', port }, disableClientInfo: true })
        await client.on('error', () => undefined).connect()
        const heard: string[] = []
        const other = redisStore(client, { onWarning: text => heard.push(text) })
        // The server answers one after the other, so the second answer comes after that to the question.
        await other.read(newId())
        await other.read(newId())
        expect([setting, heard]).toEqual([setting, []])
        client.destroy()
        await stop()
      }
    }
  })
}
