import { Cluster, Redis } from 'ioredis'
import { afterAll, describe, expect, it } from 'vitest'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import type { SessionIndex, SessionStore } from '../../../src/stores/store.ts'
import { createAndRead, newId, newRecord, newUser, readExisting } from '../../../src/testing/store-contract/samples.ts'
import { describeWithService } from '../describe-with-service.ts'

type Client = Redis | Cluster

async function idsOf(store: SessionIndex, userId: string): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of store.find('userId', userId)) ids.push(id)
  return ids
}

const recordKey = (id: string): string => `keepsake:session:${id}`
const indexKey = (userId: string): string => `keepsake:index:userId:${userId}`

describeWithService('redis', ({ host, port }) => {
  const client = new Redis(port, host)
  afterAll(() => client.disconnect())
  tellOfHealing(client)
  tellOfRevocation(client)

  it('knows its own work when the client sends it again, as ioredis does when a connection breaks', async () => {
    const store = storeThat(client, (_, send) => send().then(send))
    const [id, next, user] = [newId(), newId(), newUser()]
    const { version } = await createAndRead(store, id, recordOf(user))
    expect(await store.replace({ id, version }, id, recordOf(user))).toBe(true)
    const again = await readExisting(store, id)
    expect(await store.replace({ id, version: again.version }, next, recordOf(user))).toBe(true)
    expect(await idsOf(store, user)).toEqual([next])
  })

  it('leaves nothing of a rotation in the index but the new id', async () => {
    const store = redisStore(client)
    const [id, next, user] = [newId(), newId(), newUser()]
    const { version } = await createAndRead(store, id, recordOf(user))
    await store.replace({ id, version }, next, recordOf(user))
    expect(await client.zrange(indexKey(user), '0', '-1')).toEqual([next])
  })
})

describeWithService('redis-cluster', nodes => {
  const client = new Cluster([...nodes])
  afterAll(() => client.disconnect())
  tellOfHealing(client)
  tellOfRevocation(client)
  describe('a write of several steps', () => tellOfSteps(client))

  it('knows its own work when the client sends it again, but for the removal in a rotation: that ends the session', async () => {
    const store = storeThat(client, (_, send) => send().then(send))
    const [id, next, user] = [newId(), newId(), newUser()]
    const { version } = await createAndRead(store, id, recordOf(user))
    expect(await store.replace({ id, version }, id, recordOf(user))).toBe(true)
    const again = await readExisting(store, id)
    expect(await store.replace({ id, version: again.version }, next, recordOf(user))).toBe(false)
    expect([await store.read(id), await store.read(next)]).toEqual([null, null])
    expect(await store.create(next, recordOf(user))).toBe(true)
  })
})

/** A store whose client does something around each of its commands. */
function storeThat(
  client: Client,
  around: (command: string, send: () => Promise<unknown>) => Promise<unknown>,
): SessionStore & SessionIndex {
  const call = (command: string, ...args: string[]): Promise<unknown> =>
    around(command, () => client.call(command, ...args))
  return redisStore({ isCluster: client.isCluster, options: {}, call })
}

function recordOf(userId: string): ReturnType<typeof newRecord> {
  return newRecord({ index: { userId } })
}

function tellOfHealing(client: Client): void {
  const store = redisStore(client)

  it('throws an id out of the index, when somebody looks, under which nothing rests any more', async () => {
    const user = newUser()
    const [kept, evicted, ended] = [newId(), newId(), newId()]
    for (const id of [kept, evicted, ended]) await store.create(id, recordOf(user))
    await client.del(recordKey(evicted))
    await store.delete(ended)
    expect(await client.zcard(indexKey(user))).toBe(3)
    expect(await idsOf(store, user)).toEqual([kept])
    expect(await client.zrange(indexKey(user), '0', '-1')).toEqual([kept])
  })

  it('passes over a record that has changed hands, and does not remove it with those of its old user', async () => {
    const [id, alice, bob] = [newId(), newUser(), newUser()]
    const { version } = await createAndRead(store, id, recordOf(alice))
    await store.replace({ id, version }, id, recordOf(bob))
    expect(await idsOf(store, alice)).toEqual([])
    expect(await store.deleteBy('userId', alice)).toBe(0)
    expect(await idsOf(store, bob)).toEqual([id])
    expect(await store.deleteBy('userId', bob)).toBe(1)
    expect(await store.read(id)).toBeNull()
  })

  it('throws out, when something is stored, what is over by then', async () => {
    const [user, id] = [newUser(), newId()]
    await client.zadd(indexKey(user), Date.now() - 1, newId(), Date.now() + 100_000, 'of-tomorrow')
    await store.create(id, recordOf(user))
    expect((await client.zrange(indexKey(user), '0', '-1')).sort()).toEqual([id, 'of-tomorrow'].sort())
  })

  it('keeps an index as long as the longest of its records, and a minute longer than the sessions', async () => {
    const user = newUser()
    const day = 24 * 3_600_000
    const ids = [newId(), newId(), newId()] as const
    for (const [i, days] of [1, 30, 2].entries()) {
      const expiresAt = new Date(Date.now() + days * day)
      await store.create(ids[i] ?? '', newRecord({ index: { userId: user }, expiresAt }))
      const left = await client.pttl(recordKey(ids[i] ?? ''))
      expect(Math.abs(left - days * day - 60_000)).toBeLessThan(30_000)
    }
    expect(await client.pttl(indexKey(user))).toBeGreaterThan(30 * day)
    const { version } = await readExisting(store, ids[1])
    const soon = new Date(Date.now() + 1000)
    await store.replace({ id: ids[1], version }, ids[1], newRecord({ index: { userId: user }, expiresAt: soon }))
    expect(await client.pttl(recordKey(ids[1]))).toBeLessThan(70_000)
    expect(await idsOf(store, user)).toContain(ids[1])
  })

  it('does not forget earlier because of a change that came too late', async () => {
    const [id, user] = [newId(), newUser()]
    const expiresAt = new Date(Date.now() + 30 * 24 * 3_600_000)
    await createAndRead(store, id, newRecord({ index: { userId: user }, expiresAt }))
    const until = Number(await client.zscore(indexKey(user), id))
    expect(until).toBeGreaterThan(expiresAt.getTime())
    expect(await store.replace({ id, version: 'another-version!' }, id, recordOf(user))).toBe(false)
    expect(Number(await client.zscore(indexKey(user), id))).toBe(until)
  })

  it('reads what is none of its records as none, and the record of another id as an error', async () => {
    const [id, other] = [newId(), newId()]
    const head = `${'v'.repeat(36)} ${id}`
    const cutOff = [head, `${head} `, `${head} 1234567890123`, `${head} 1234567890123 `]
    const noExpiry = [`${head}  a:b {}`, `${head} - a:b {}`, `${head} soon a:b {}`]
    for (const garbage of ['', '{}', 'null', 'x'.repeat(100), '- - - -', ...cutOff, ...noExpiry]) {
      await client.set(recordKey(id), garbage)
      expect([garbage, await store.read(id)]).toEqual([garbage, null])
    }
    await store.create(other, newRecord())
    await client.set(recordKey(id), (await client.get(recordKey(other))) ?? '')
    await expect(store.read(id)).rejects.toThrow(`asked for session ${id} and answered with ${other}`)
    await client.del(recordKey(id))
  })
}

function tellOfRevocation(client: Client): void {
  const store = redisStore(client)

  it('revokes all of 1,000 sessions of a user, but for one', async () => {
    const user = newUser()
    const ids = Array.from({ length: 1000 }, newId)
    await Promise.all(ids.map(id => store.create(id, recordOf(user))))
    expect((await idsOf(store, user)).sort()).toEqual(ids.sort())
    expect(await store.deleteBy('userId', user, { except: ids[7] })).toBe(999)
    expect(await idsOf(store, user)).toEqual([ids[7]])
  })

  it('misses no session that rotates between the look into the index and the removal', async () => {
    const [id, next, user] = [newId(), newId(), newUser()]
    const was = { id, ...(await createAndRead(store, id, recordOf(user))) }
    const rotating = storeThat(client, async (command, send) => {
      const reply = await send()
      if (command === 'ZRANGE') await store.replace(was, next, recordOf(user))
      return reply
    })
    expect(await rotating.deleteBy('userId', user)).toBe(1)
    expect([await store.read(id), await store.read(next)]).toEqual([null, null])
  })

  it('misses no session that rotates meanwhile', async () => {
    for (let round = 0; round < 20; round++) {
      const user = newUser()
      const sessions = await Promise.all(
        Array.from({ length: 20 }, async () => {
          const id = newId()
          return { id, ...(await createAndRead(store, id, recordOf(user))) }
        }),
      )
      const rotations = sessions.map(async was => {
        const next = newId()
        const done = await store.replace(was, next, recordOf(user))
        return [was.id, next, done] as const
      })
      const [, ...rotated] = await Promise.all([store.deleteBy('userId', user), ...rotations])
      for (const [id, next] of rotated) expect([await store.read(id), await store.read(next)]).toEqual([null, null])
      expect(await idsOf(store, user)).toEqual([])
    }
  })
}

/** What happens to a process at one of its commands. */
type Fate = 'dies before' | 'dies after' | 'is looked at before'

type Write = (
  store: SessionStore,
  was: { id: string; version: string },
  next: string,
  userId: string,
) => Promise<boolean>

/** The verbs that write, on a record of one user, and how many commands each takes in a Cluster for a record of another user. */
const writes: readonly [name: string, steps: number, write: Write][] = [
  ['create', 3, (store, _, next, userId) => store.create(next, recordOf(userId))],
  ['replace', 2, (store, was, _, userId) => store.replace(was, was.id, recordOf(userId))],
  ['rotate', 4, (store, was, next, userId) => store.replace(was, next, recordOf(userId))],
]

/** The store of a process to which something happens at its n-th command; it counts them. */
function fatedStore(
  client: Cluster,
  step: number,
  fate: Fate,
  look: () => Promise<unknown> = async () => undefined,
): { store: SessionStore; commands: () => number } {
  let commands = 0
  let isDead = false
  const die = (): never => {
    isDead = true
    throw new Error('dead')
  }
  const store = storeThat(client, async (_, send) => {
    const isNow = commands++ === step
    if (isDead || (isNow && fate === 'dies before')) die()
    if (isNow) await look()
    const reply = await send()
    return isNow && fate === 'dies after' ? die() : reply
  })
  return { store, commands: () => commands }
}

function tellOfSteps(client: Cluster): void {
  const store = redisStore(client)

  for (const [name, steps, write] of writes) {
    it(`${name} takes ${steps} commands`, async () => {
      const id = newId()
      const { version } = await createAndRead(store, id)
      const counting = fatedStore(client, -1, 'dies before')
      expect(await write(counting.store, { id, version }, newId(), newUser())).toBe(true)
      expect(counting.commands()).toBe(steps)
    })

    for (const fate of ['dies before', 'dies after'] as const) {
      it(`${name}: a process that ${fate} any of them leaves one record or none, and none that cannot be revoked`, async () => {
        for (let step = 0; step < steps; step++) {
          const [id, next, alice, bob] = [newId(), newId(), newUser(), newUser()]
          const { version } = await createAndRead(store, id, recordOf(alice))
          const fated = fatedStore(client, step, fate)
          await expect(write(fated.store, { id, version }, next, bob)).rejects.toThrow('dead')
          const isThere = await Promise.all([id, next].map(async one => (await store.read(one)) !== null))
          const alive = [id, next].filter((_, i) => isThere[i])
          const found = [...(await idsOf(store, alice)), ...(await idsOf(store, bob))]
          expect([step, found.sort()]).toEqual([step, alive.sort()])
          if (name === 'create') expect(isThere[0]).toBe(true)
          else
            expect([step, alive.length]).toBeOneOf([
              [step, 1],
              [step, 0],
            ])
          for (const user of [alice, bob]) await store.deleteBy('userId', user)
          expect([await store.read(id), await store.read(next)]).toEqual([null, null])
        }
      })
    }

    it(`${name}: somebody who looks before any of them does not take the record out of the index`, async () => {
      for (let step = 0; step < steps; step++) {
        const [id, next, alice, bob] = [newId(), newId(), newUser(), newUser()]
        const { version } = await createAndRead(store, id, recordOf(alice))
        const look = async (): Promise<unknown> => [await idsOf(store, alice), await idsOf(store, bob)]
        const fated = fatedStore(client, step, 'is looked at before', look)
        expect(await write(fated.store, { id, version }, next, bob)).toBe(true)
        expect([step, await idsOf(store, bob)]).toEqual([step, [name === 'replace' ? id : next]])
      }
    })
  }

  it('rotate: somebody who revokes all before any of them leaves nothing', async () => {
    for (let step = 0; step < 4; step++) {
      const [id, next, user] = [newId(), newId(), newUser()]
      const { version } = await createAndRead(store, id, recordOf(user))
      const fated = fatedStore(client, step, 'is looked at before', () => store.deleteBy('userId', user))
      expect(await fated.store.replace({ id, version }, next, recordOf(user))).toBe(false)
      expect([step, await store.read(id), await store.read(next)]).toEqual([step, null, null])
    }
  })
}
