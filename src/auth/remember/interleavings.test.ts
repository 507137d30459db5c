import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../stores/memory.ts'
import type { SessionStore } from '../../stores/store.ts'
import { fromPayload } from './family.ts'
import { createRemember, type Remember, type Restored } from './remember.ts'

const second = 1000
const minute = 60 * second
const graceMs = 30 * second
const login = { userId: 'ada', authenticatedAt: 0, since: 0, how: 'password', authHash: 'a' }

/** Numbers that one seed gives again (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** A store that answers when it is told to, each call in its turn or out of it. */
function held(store: SessionStore): { store: SessionStore; waiting: (() => void)[] } {
  const waiting: (() => void)[] = []
  const hold = <T>(call: () => Promise<T>): Promise<T> => new Promise<void>(resolve => waiting.push(resolve)).then(call)
  return {
    waiting,
    store: {
      read: id => hold(() => store.read(id)),
      create: (id, record) => store.create(id, record),
      replace: (was, id, record) => hold(() => store.replace(was, id, record)),
      delete: id => hold(() => store.delete(id)),
    },
  }
}

/** What holds of every state of a family. */
async function checkFamily(store: SessionStore, id: string): Promise<void> {
  const family = fromPayload((await store.read(id))?.payload ?? '')
  if (!family) throw new Error('the family is gone')
  const { current, previous, used } = family
  // Live are the newest generation, one verifier once it is used, and the one before: no third generation.
  expect(current.length).toBeLessThanOrEqual(used ? 1 : 3)
  expect(current.length).toBeGreaterThan(0)
  const all = [...current, previous]
  expect(new Set(all).size).toBe(all.length)
}

/** One browser with many tabs on a bad network: requests and answers overtake each other, and answers get lost. */
class Visit {
  now = Date.UTC(2026, 0, 1)
  jar = ''
  family = ''
  readonly outcomes: string[] = []
  readonly #random: (below: number) => number
  readonly #memory = memoryStore()
  readonly #held = held(this.#memory)
  readonly #remember: Remember
  /** Requests that have not ended, by when they were sent. */
  readonly #underWay = new Map<object, number>()
  readonly #answers: { request: object; found: Restored }[] = []

  constructor(seed: number) {
    this.#random = randomFrom(seed)
    this.#remember = createRemember({
      store: this.#held.store,
      idleTimeout: '9000d',
      absoluteTimeout: '9000d',
      now: () => this.now,
    })
  }

  async run(steps: number): Promise<void> {
    const { family, cookie } = await this.#remember.begin(login)
    this.jar = cookie.value
    this.family = family
    for (let i = 0; i < steps; i++) {
      const step = [this.#send, this.#answerOfStore, this.#answerOfStore, this.#deliver, this.#wait][this.#random(5)]
      await step?.call(this)
      await checkFamily(this.#memory, this.family)
    }
    while (this.#underWay.size > 0) {
      await this.#answerOfStore()
      await this.#deliver()
    }
    this.#send()
    while (this.#underWay.size > 0) {
      await this.#answerOfStore()
      await this.#deliver()
    }
  }

  #send(): void {
    const request = {}
    this.#underWay.set(request, this.now)
    this.#remember.restore(this.jar).then(found => {
      this.outcomes.push(found.outcome)
      this.#answers.push({ request, found })
    })
  }

  async #answerOfStore(): Promise<void> {
    const [answer] = this.#held.waiting.splice(this.#random(this.#held.waiting.length || 1), 1)
    answer?.()
    await settle()
  }

  async #deliver(): Promise<void> {
    const [answer] = this.#answers.splice(this.#random(this.#answers.length || 1), 1)
    if (!answer) return
    this.#underWay.delete(answer.request)
    const { found } = answer
    const isLost = this.#random(3) === 0
    if (!isLost && found.outcome === 'restored' && found.cookie) this.jar = found.cookie.value
  }

  /** As long as nothing is under way for longer than half the grace: what takes longer may be taken for a thief. */
  async #wait(): Promise<void> {
    const oldest = Math.min(...this.#underWay.values())
    if (oldest === Number.POSITIVE_INFINITY)
      this.now += this.#random(3) === 0 ? this.#random(1e9) : this.#random(3 * minute)
    else this.now += this.#random(Math.max(1, oldest + graceMs / 2 - this.now))
  }
}

const baseSeed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))

describe(`any order of events, SEED=${baseSeed}`, () => {
  it('one browser is always restored and never taken for a thief', async () => {
    for (let seed = baseSeed; seed < baseSeed + 150; seed++) {
      const visit = new Visit(seed)
      await visit.run(150)
      expect({ seed, outcomes: new Set(visit.outcomes) }).toEqual({ seed, outcomes: new Set(['restored']) })
    }
  })

  it('a theft is always noticed: nobody is let in once the other has used what only they were given', async () => {
    const noticed = { byThief: 0, byVisitor: 0 }
    for (let seed = baseSeed; seed < baseSeed + 500; seed++) noticed[await stolen(seed)]++
    expect(noticed.byThief).toBeGreaterThan(0)
    expect(noticed.byVisitor).toBeGreaterThan(0)
  })
})

/** A visitor and a thief with a copy, who come in any order, not within the grace of each other. Who found the theft? */
async function stolen(seed: number): Promise<'byThief' | 'byVisitor'> {
  const random = randomFrom(seed)
  let now = 0
  const durations = { idleTimeout: '9000d', absoluteTimeout: '9000d' } as const
  const remember = createRemember({ store: memoryStore(), ...durations, now: () => now })
  let jar = (await remember.begin(login)).cookie.value
  const comes = async (value: string): Promise<Restored> => {
    now += graceMs + random(random(2) === 0 ? minute : 86_400 * second)
    return remember.restore(value)
  }
  for (let i = random(6); i > 0; i--) {
    const found = await comes(jar)
    // Some answers are lost before the theft, too.
    if (found.outcome === 'restored' && found.cookie && random(4) > 0) jar = found.cookie.value
  }
  const copy = jar
  const loot = [copy]
  /** Whether each has used what only they were given: then nobody else is let in any more. */
  const usedOwn = { thief: false, visitor: false }
  for (;;) {
    const isThief = random(2) === 0
    const value = isThief ? (loot[random(loot.length)] ?? '') : jar
    const found = await comes(value)
    if (found.outcome === 'theft') return isThief ? 'byThief' : 'byVisitor'
    expect({ seed, outcome: found.outcome }).toEqual({ seed, outcome: 'restored' })
    expect({ seed, other: isThief ? usedOwn.visitor : usedOwn.thief }).toEqual({ seed, other: false })
    usedOwn[isThief ? 'thief' : 'visitor'] ||= value !== copy
    if (found.outcome !== 'restored' || !found.cookie) continue
    if (isThief) loot.push(found.cookie.value)
    else jar = found.cookie.value
  }
}
