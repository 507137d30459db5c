import { MemcacheClient } from 'memcache-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MemcachedStoreOptions, memcachedStore } from '../../../src/stores/memcached.ts'
import type { SessionStore } from '../../../src/stores/store.ts'
import { createAndRead, newId, newRecord } from '../../../src/testing/store-contract/samples.ts'
import type { Browser } from '../../support/site.ts'
import { describeWithService } from '../describe-with-service.ts'
import { ask } from '../line-protocol.ts'
import { startMemcached } from '../memcached.ts'
import type { Server } from '../server.ts'
import { eventsOf, idOf, loggedIn, samePerson, visitorOf } from '../visitors.ts'

const quiet = { onWarning: () => undefined }
const impatient = { storeDeadline: '200ms' } as const
const names = Array.from({ length: 20 }, (_, i) => `visitor-${i}`)

/** A server for the tests of this group, and a store on it, which is there when a test runs. */
function ownMemcached(args: readonly string[] = []): {
  server: () => Server
  store: () => SessionStore
  client: () => MemcacheClient
} {
  let server: Server
  let client: MemcacheClient
  beforeAll(async () => {
    server = await startMemcached(args)
    client = new MemcacheClient({ server: `127.0.0.1:${server.port}` })
  })
  afterAll(async () => {
    client.shutdown()
    await server.stop()
  })
  return { server: () => server, store: () => memcachedStore(client, quiet), client: () => client }
}

/** An error within the deadline, and nothing that changes what the browser holds. */
async function isTurnedAway(store: SessionStore, visitor: Browser, path: string): Promise<void> {
  const { status, headers } = await samePerson(visitor, store, impatient).open(path)
  expect([path, status, headers.getSetCookie()]).toEqual([path, 503, []])
}

/** Nobody, with one event, and with the cookie that the browser had. */
async function isUnknown(visitor: Browser, types: string[]): Promise<void> {
  types.length = 0
  const answer = await visitor.open('/name')
  expect([answer.status, await answer.json(), answer.headers.getSetCookie()]).toEqual([200, null, []])
  expect(types).toEqual(['session-unknown'])
}

describeWithService('memcached', () => {
  describe('a Memcached that fails', tellOfOutages)
  describe('a Memcached that forgets', tellOfLosses)
  describe('how long a record is kept', tellOfLifetimes)
  describe('what must not reach the server', tellOfRefusals)
  describe('a process that dies in a rotation', tellOfSteps)
})

function tellOfOutages(): void {
  const { server, store } = ownMemcached()

  it('is down when the program starts: those without a cookie are served, and it needs no restart', async () => {
    const visitor = await loggedIn('ada', store())
    await server().crash()
    const client = new MemcacheClient({ server: `127.0.0.1:${server().port}` })
    const started = memcachedStore(client, quiet)
    const known = samePerson(visitor, started)
    await isTurnedAway(started, known, '/name')
    await isTurnedAway(started, visitorOf(started), '/count')
    expect(await visitorOf(started).see('/name')).toBeNull()
    await server().restart()
    await expect.poll(async () => (await known.open('/count')).status).toBe(200)
    client.shutdown()
  })

  it('hangs: visitors get 503 within the deadline, and late replies reach nobody else', async () => {
    const visitors = await Promise.all(names.map(name => loggedIn(name, store())))
    for (let round = 0; round < 3; round++) {
      await server().pause()
      await Promise.all(visitors.map((visitor, i) => isTurnedAway(store(), visitor, i % 2 === 0 ? '/name' : '/count')))
      server().resume()
      expect(await Promise.all(visitors.map(visitor => visitor.see('/name')))).toEqual(names)
    }
  })

  it('compares nothing (-C): that is an error, and never a lost update', async () => {
    const lax = await startMemcached(['-C'])
    const client = new MemcacheClient({ server: `127.0.0.1:${lax.port}` })
    const id = newId()
    expect(await memcachedStore(client).create(id, newRecord())).toBe(true)
    await expect(memcachedStore(client).read(id)).rejects.toThrow('start it without -C')
    client.shutdown()
    await lax.stop()
  })
}

function tellOfLosses(): void {
  const { server, store } = ownMemcached(['-m', '4'])

  it('is said once, as soon as somebody is logged in', async () => {
    const warnings: string[] = []
    const options: MemcachedStoreOptions = { onWarning: text => warnings.push(text) }
    const client = new MemcacheClient({ server: `127.0.0.1:${server().port}` })
    const warned = memcachedStore(client, options)
    await visitorOf(warned).see('/count')
    expect(warnings).toEqual([])
    await loggedIn('ada', warned)
    await loggedIn('bob', warned)
    expect(warnings).toEqual([expect.stringMatching(/drops them when it restarts.*before a database/)])
    client.shutdown()
  })

  it('restarts: everybody is logged out, with one event, and may log in again', async () => {
    const { types, onEvent } = eventsOf()
    const visitors = await Promise.all(names.map(name => loggedIn(name, store(), { onEvent })))
    await server().crash()
    await server().restart()
    for (const visitor of visitors) await isUnknown(visitor, types)
    const [visitor] = visitors
    await visitor?.see('/begin?name=ada')
    expect(await visitor?.see('/name')).toBe('ada')
  })

  it('is full: those who lost their session are logged out, with one event', async () => {
    const { types, onEvent } = eventsOf()
    const visitors = await Promise.all(names.map(name => loggedIn(name, store(), { onEvent })))
    // As long as theirs: the server keeps room for records of each length.
    const [visitor, other] = visitors
    const payload = (await store().read(other ? idOf(other) : ''))?.payload ?? ''
    for (let evictions = 0; evictions === 0; ) {
      const flood = Array.from({ length: 2000 }, () => newRecord({ payload }))
      await Promise.all(flood.map(record => store().create(newId(), record)))
      evictions = Number(/STAT evictions (\d+)/.exec(await ask(server().port, 'stats'))?.[1])
    }
    if (visitor) await isUnknown(visitor, types)
  })
}

function tellOfLifetimes(): void {
  const { server, store } = ownMemcached()
  const day = 24 * 3600
  const minute = 60

  /** The seconds for which the server will keep what is under this id; -1: for ever. */
  async function secondsLeft(id: string): Promise<number> {
    return Number(/t(-?\d+)/.exec(await ask(server().port, `mg keepsake:${id} t`))?.[1])
  }

  it.each([
    ['an hour', 3600],
    ['30 days, of which the last minute is the grace', 30 * day - minute],
    ['30 days', 30 * day],
    ['30 days and a second', 30 * day + 1],
    ['a year', 365 * day],
  ])('%s and a minute', async (_, seconds) => {
    const [id, next] = [newId(), newId()]
    const record = newRecord({ expiresAt: new Date(Date.now() + seconds * 1000) })
    const { version } = await createAndRead(store(), id, record)
    expect(Math.abs((await secondsLeft(id)) - seconds - minute)).toBeLessThan(30)
    expect(await store().replace({ id, version }, next, record)).toBe(true)
    expect(Math.abs((await secondsLeft(next)) - seconds - minute)).toBeLessThan(30)
    const again = await store().read(next)
    expect(await store().replace({ id: next, version: again?.version ?? '' }, next, record)).toBe(true)
    expect(Math.abs((await secondsLeft(next)) - seconds - minute)).toBeLessThan(30)
  })

  it('for ever, what ends after 2038, which the server cannot count to', async () => {
    for (const end of [Date.UTC(2038, 0, 20), Date.UTC(2100, 0, 1), 8.64e15]) {
      const id = newId()
      await createAndRead(store(), id, newRecord({ expiresAt: new Date(end) }))
      expect(await secondsLeft(id)).toBe(-1)
    }
  })
}

function tellOfRefusals(): void {
  const { server, store, client } = ownMemcached()
  const statistics = (): Promise<string> => ask(server().port, 'stats')
  const count = async (name: string): Promise<number> =>
    Number(new RegExp(`STAT ${name} (\\d+)`).exec(await statistics())?.[1])

  it('a record that is too long is an error before it is sent, and leaves the one before it', async () => {
    const id = newId()
    const { version } = await createAndRead(store(), id)
    const before = await count('cmd_set')
    const long = newRecord({ payload: 'é'.repeat(500_000) })
    await expect(store().create(newId(), long)).rejects.toThrow(/SESSION_TOO_LARGE.*1000\d+ bytes, maxBytes is 1000000/)
    await expect(store().replace({ id, version }, id, long)).rejects.toThrow('SESSION_TOO_LARGE')
    await expect(store().replace({ id, version }, newId(), long)).rejects.toThrow('Keep less in the session')
    expect(await count('cmd_set')).toBe(before)
    expect((await store().read(id))?.version).toBe(version)
  })

  it('as long as the server lets it be, where it was told', async () => {
    const wide = await startMemcached(['-I', '4m'])
    const wideClient = new MemcacheClient({ server: `127.0.0.1:${wide.port}` })
    const wideStore = memcachedStore(wideClient, { maxBytes: 3_000_000 })
    const record = newRecord({ payload: 'x'.repeat(2_900_000) })
    expect((await createAndRead(wideStore, newId(), record)).payload).toBe(record.payload)
    wideClient.shutdown()
    await wide.stop()
  })

  it('an id that is none, with a command in it', async () => {
    const bad = [
      'x\r\nset keepsake:evil 0 0 4\r\nevil',
      `${newId()}\r\nflush_all`,
      `${newId()} ${newId()}`,
      '',
      'short',
      newId().replace(/.$/, '\n'),
    ]
    const before = await count('curr_items')
    for (const id of bad) {
      const { version } = await createAndRead(store(), newId())
      await expect(store().read(id)).rejects.toThrow('is no session id')
      await expect(store().create(id, newRecord())).rejects.toThrow('is no session id')
      await expect(store().replace({ id, version }, id, newRecord())).rejects.toThrow('is no session id')
      await expect(store().delete(id)).rejects.toThrow('is no session id')
    }
    expect(await client().gets('keepsake:evil')).toBeUndefined()
    expect(await count('curr_items')).toBe(before + bad.length)
  })

  it('a version that is none, with a command in it: it is of no record', async () => {
    const id = newId()
    await createAndRead(store(), id)
    for (const version of ['1\r\nflush_all', '1 noreply', '-1', 'x', '']) {
      expect(await store().replace({ id, version }, id, newRecord())).toBe(false)
      expect(await store().replace({ id, version }, newId(), newRecord())).toBe(false)
    }
    expect(await store().read(id)).not.toBeNull()
  })

  it('and from the server: what is none of its records is none, and that of another id is an error', async () => {
    const [id, other] = [newId(), newId()]
    for (const garbage of ['', '{}', 'x'.repeat(100), '- - -']) {
      await client().set(`keepsake:${id}`, garbage)
      expect([garbage, await store().read(id)]).toEqual([garbage, null])
    }
    await store().create(other, newRecord())
    const item = await client().gets<string>(`keepsake:${other}`)
    await client().set(`keepsake:${id}`, item?.value ?? '')
    await expect(store().read(id)).rejects.toThrow(`asked for session ${id} and answered with ${other}`)
  })
}

function tellOfSteps(): void {
  const { store, client } = ownMemcached()

  it('leaves one of both records or none, at whichever of its three commands it dies', async () => {
    const left: boolean[][] = []
    for (const fate of ['before', 'after'] as const) {
      for (let step = 0; step < 3; step++) {
        const [id, next] = [newId(), newId()]
        const { version } = await createAndRead(store(), id)
        const dying = memcachedStore(dyingClient(client(), step, fate), quiet)
        await expect(dying.replace({ id, version }, next, newRecord())).rejects.toThrow('dead')
        left.push([(await store().read(id)) !== null, (await store().read(next)) !== null])
      }
    }
    const [old, neither, renewed] = [
      [true, false],
      [false, false],
      [false, true],
    ]
    expect(left).toEqual([old, old, neither, old, neither, renewed])
  })
}

/** The client of a process that dies at its n-th command, before the server hears of it or after it has done it. */
function dyingClient(client: MemcacheClient, step: number, fate: 'before' | 'after'): MemcacheClient {
  let commands = 0
  const dying =
    <Arguments extends unknown[]>(send: (...args: Arguments) => Promise<unknown>) =>
    async (...args: Arguments): Promise<unknown> => {
      const now = commands++
      if (now > step || (now === step && fate === 'before')) throw new Error('dead')
      const reply = await send(...args)
      if (now === step) throw new Error('dead')
      return reply
    }
  return Object.assign(Object.create(client), {
    add: dying(client.add.bind(client)),
    cas: dying(client.cas.bind(client)),
    replace: dying(client.replace.bind(client)),
    delete: dying(client.delete.bind(client)),
  })
}
