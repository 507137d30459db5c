import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { watched } from '../../../test/support/watched-store.ts'
import { createSessions } from '../../create-sessions.ts'
import { createToken } from '../../session/token.ts'
import { databaseStore } from '../../stores/database/database-store.ts'
import { memoryStore } from '../../stores/memory.ts'
import type { ExpirySweep, SessionIndex, SessionStore } from '../../stores/store.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import { createRemember, type Remember, type Restored } from './remember.ts'

type Store = SessionStore & SessionIndex & ExpirySweep

const stores: Readonly<Record<string, () => Promise<Store>>> = {
  memory: async () => memoryStore(),
  sqlite: async () => {
    const store = databaseStore(new DatabaseSync(':memory:'))
    await store.migrate()
    return store
  },
}

const login = {
  authenticatedAt: 1_700_000_000_000,
  since: 1_700_000_000_000,
  how: 'password',
  authHash: 'hash of the hash',
}

/** A browser that keeps the cookie that it was given last. */
class Browser {
  cookie: string
  readonly #remember: Remember

  constructor(remember: Remember, cookie: string) {
    this.#remember = remember
    this.cookie = cookie
  }

  async comesBack(): Promise<Restored> {
    const found = await this.#remember.restore(this.cookie)
    if (found.outcome === 'restored' && found.cookie) this.cookie = found.cookie.value
    return found
  }
}

describe.each(Object.entries(stores))('remember me, in a store in %s', (_name, open) => {
  async function site() {
    const clock = fakeClock()
    const watch = watched(await open())
    const remember = createRemember({ store: watch.store, now: clock })
    const begin = async (userId: string) => {
      const { family, cookie } = await remember.begin({ userId, ...login })
      return { family, browser: new Browser(remember, cookie.value) }
    }
    return { clock, ...watch, remember, begin }
  }

  it('a visitor who comes back is who they were, by the login that they had', async () => {
    const { clock, remember } = await site()
    const { family, cookie } = await remember.begin({ userId: 'ada', ...login })
    expect(cookie.expiresAt).toBe(clock() + 30 * 86_400_000)
    clock.advance('20d')
    const found = await remember.restore(cookie.value)
    expect(found).toMatchObject({ outcome: 'restored', family, userId: 'ada', ...login })
    expect(found.outcome === 'restored' && found.cookie?.expiresAt).toBe(clock() + 30 * 86_400_000)
  })

  it('R1: 50 parallel restores are all the visitor, one rotation, no alarm; the others leave the cookie alone', async () => {
    const { clock, calls, begin } = await site()
    const { family, browser } = await begin('ada')
    clock.advance('1d')
    calls.length = 0
    const answers = await Promise.all(Array.from({ length: 50 }, () => browser.comesBack()))
    expect(answers.every(found => found.outcome === 'restored' && found.family === family)).toBe(true)
    expect(answers.filter(found => found.outcome === 'restored' && found.cookie)).toHaveLength(1)
    clock.advance('1d')
    expect(await browser.comesBack()).toMatchObject({ outcome: 'restored', userId: 'ada' })
  })

  it('R2: if the answer with the new cookie is lost, the old one works, weeks later too', async () => {
    const { clock, remember, begin } = await site()
    const { browser } = await begin('ada')
    clock.advance('1d')
    await remember.restore(browser.cookie)
    clock.advance('29d')
    expect(await browser.comesBack()).toMatchObject({ outcome: 'restored', userId: 'ada' })
    clock.advance('1d')
    expect(await browser.comesBack()).toMatchObject({ outcome: 'restored', userId: 'ada' })
  })

  it('R3: a thief who comes with a copy after the visitor used the new cookie kills the family', async () => {
    const { clock, remember, begin } = await site()
    const { family, browser } = await begin('ada')
    const thief = new Browser(remember, browser.cookie)
    for (let i = 0; i < 2; i++) {
      clock.advance('1d')
      await browser.comesBack()
    }
    clock.advance('1m')
    expect(await thief.comesBack()).toEqual({ outcome: 'theft', userId: 'ada', family, first: true })
    expect(await browser.comesBack()).toEqual({ outcome: 'theft', userId: 'ada', family, first: false })
  })

  it('R4: a thief who comes first is found by the visitor', async () => {
    const { clock, remember, begin } = await site()
    const { family, browser } = await begin('ada')
    const thief = new Browser(remember, browser.cookie)
    for (let i = 0; i < 2; i++) {
      clock.advance('1d')
      expect(await thief.comesBack()).toMatchObject({ outcome: 'restored' })
    }
    clock.advance('1m')
    expect(await browser.comesBack()).toEqual({ outcome: 'theft', userId: 'ada', family, first: true })
    expect(await thief.comesBack()).toEqual({ outcome: 'theft', userId: 'ada', family, first: false })
  })

  it('one alarm, whoever notices at the same moment', async () => {
    const { clock, remember, begin } = await site()
    const { browser } = await begin('ada')
    const copy = browser.cookie
    for (let i = 0; i < 2; i++) {
      clock.advance('1d')
      await browser.comesBack()
    }
    clock.advance('1m')
    const answers = await Promise.all(Array.from({ length: 20 }, () => remember.restore(copy)))
    expect(answers.map(({ outcome }) => outcome)).toEqual(Array(20).fill('theft'))
    expect(answers.filter(found => found.outcome === 'theft' && found.first)).toHaveLength(1)
  })

  it('R6: who knows the selector alone gets nothing, raises no alarm, and writes nothing, 1,000 times', async () => {
    const { clock, calls, remember, begin } = await site()
    const { browser } = await begin('ada')
    const [selector] = browser.cookie.split('.')
    calls.length = 0
    for (let i = 0; i < 1000; i++) {
      const guess = `${selector}.${createToken()}.${createToken()}`
      expect(await remember.restore(guess)).toEqual({ outcome: 'unknown' })
      await remember.end(guess)
    }
    expect(new Set(calls)).toEqual(new Set(['read']))
    clock.advance('1d')
    expect(await browser.comesBack()).toMatchObject({ outcome: 'restored', userId: 'ada' })
  })

  it("R8: one's own cookie with the selector of another opens nothing (CVE-2024-51996)", async () => {
    const { remember, begin } = await site()
    const [ada, eve] = [(await begin('ada')).browser, (await begin('eve')).browser]
    const [selector] = ada.cookie.split('.')
    const [, ...own] = eve.cookie.split('.')
    expect(await remember.restore([selector, ...own].join('.'))).toEqual({ outcome: 'unknown' })
    const [, verifier] = ada.cookie.split('.')
    const [, , mark] = eve.cookie.split('.')
    expect(await remember.restore([selector, verifier, mark].join('.'))).toEqual({ outcome: 'unknown' })
  })

  it('R7: when all sessions of the user are ended in this store, the remembered browsers are too', async () => {
    const { store, remember, begin } = await site()
    const [{ browser }, eve] = [await begin('ada'), await begin('eve')]
    await createSessions({ store }).revokeAll('ada')
    expect(await remember.restore(browser.cookie)).toEqual({ outcome: 'unknown' })
    expect(await eve.browser.comesBack()).toMatchObject({ outcome: 'restored', userId: 'eve' })
  })

  it('R9: the end cannot be put off by use', async () => {
    const { clock, begin } = await site()
    const { browser } = await begin('ada')
    for (let i = 0; i < 8; i++) {
      clock.advance('11d')
      expect(await browser.comesBack()).toMatchObject({ outcome: 'restored' })
    }
    clock.advance('2d')
    expect(await browser.comesBack()).toEqual({ outcome: 'unknown' })
  })

  it('R10: logging out forgets this browser, by its cookie or by its family, and no other', async () => {
    const { remember, begin } = await site()
    const [desk, phone, tablet] = [await begin('ada'), await begin('ada'), await begin('ada')]
    await remember.end(desk.browser.cookie)
    await remember.end(phone.family)
    expect(await desk.browser.comesBack()).toEqual({ outcome: 'unknown' })
    expect(await phone.browser.comesBack()).toEqual({ outcome: 'unknown' })
    expect(await tablet.browser.comesBack()).toMatchObject({ outcome: 'restored' })
  })

  it('a browser that was forgotten is not remembered again by a restore that is under way', async () => {
    const { clock, remember, store, begin } = await site()
    const { family, browser } = await begin('ada')
    clock.advance('1d')
    const { read } = store
    const late = createRemember({
      store: {
        ...store,
        async read(id) {
          const record = await read(id)
          await remember.end(family)
          return record
        },
      },
      now: clock,
    })
    expect(await late.restore(browser.cookie)).toEqual({ outcome: 'unknown' })
    expect(await store.read(family)).toBe(null)
  })

  it('R12: nothing in the store opens anything, and no list of sessions shows a family', async () => {
    const { clock, store, begin } = await site()
    const { family, browser } = await begin('ada')
    const seen = [browser.cookie]
    for (let i = 0; i < 5; i++) {
      clock.advance('1d')
      await browser.comesBack()
      seen.push(browser.cookie)
    }
    const record = await store.read(family)
    const dump = JSON.stringify([family, record])
    for (const part of seen.flatMap(cookie => cookie.split('.'))) expect(dump).not.toContain(part)
    expect(await createSessions({ store, clock }).list('ada')).toEqual([])
  })

  it('the id of a session ends no session, and a session is no family', async () => {
    const { store, remember } = await site()
    const record = { payload: '{"v":1,"d":{},"m":{}}', createdAt: new Date(), expiresAt: new Date(), index: {} }
    const id = 'A'.repeat(43)
    await store.create(id, record)
    await remember.end(id)
    expect(await store.read(id)).toMatchObject({ payload: record.payload })
  })
})

describe('garbage', () => {
  const remember = createRemember({ store: memoryStore() })

  it.each([
    '',
    '.',
    'a.b.c',
    'A'.repeat(22),
    `${'A'.repeat(22)}.${'A'.repeat(43)}`,
    `${'A'.repeat(22)}.${'A'.repeat(43)}.`,
    `${'A'.repeat(22)}.${'A'.repeat(42)}B.${'A'.repeat(43)}`,
    `${'é'.repeat(22)}.${'A'.repeat(43)}.${'A'.repeat(43)}`,
    `${'A'.repeat(22)}.${'A'.repeat(43)}.${'A'.repeat(43)}\n`,
    'x'.repeat(100_000),
  ])('%j is nobody, ends nothing, and does not reach the store', async value => {
    const { store, calls } = watched(memoryStore())
    const remember = createRemember({ store })
    expect(await remember.restore(value)).toEqual({ outcome: 'unknown' })
    await remember.end(value)
    expect(calls).toEqual([])
  })

  it.each([
    'not json',
    'null',
    '[]',
    '{"v":1,"d":{},"m":{"created":1,"seen":1}}',
    '{"remember":2,"family":{}}',
    '{"remember":1,"family":{"userId":"ada"}}',
  ])('a record of another kind, %s, is nobody', async payload => {
    const store = memoryStore()
    const broken = createRemember({ store })
    const { family, cookie } = await broken.begin({ userId: 'ada', ...login })
    await store.delete(family)
    await store.create(family, { payload, createdAt: new Date(), expiresAt: new Date(), index: {} })
    expect(await broken.restore(cookie.value)).toEqual({ outcome: 'unknown' })
  })

  it('a family needs a user', async () => {
    await expect(remember.begin({ userId: '', ...login })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
  })
})

describe('a broken store', () => {
  it('is an error with status 503, and nobody is told that they are unknown', async () => {
    const watch = watched(memoryStore())
    const remember = createRemember({ store: watch.store })
    const { cookie } = await remember.begin({ userId: 'ada', ...login })
    watch.mode = 'down'
    await expect(remember.restore(cookie.value)).rejects.toMatchObject({ code: 'STORE_FAILED', status: 503 })
    await expect(remember.end(cookie.value)).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await expect(remember.begin({ userId: 'ada', ...login })).rejects.toMatchObject({ code: 'STORE_FAILED' })
  })

  it('that never lets anyone write is an error, and no endless loop', async () => {
    const clock = fakeClock()
    const store = { ...memoryStore(), replace: async () => false }
    const remember = createRemember({ store, now: clock })
    const { cookie } = await remember.begin({ userId: 'ada', ...login })
    clock.advance('1d')
    await expect(remember.restore(cookie.value)).rejects.toMatchObject({ code: 'SESSION_CONFLICT' })
  })
})

describe('options that cannot be', () => {
  const store = memoryStore()

  it.each([
    ['a rotation within the grace', { store, rotateAfter: '10s' }],
    ['an idle timeout beyond the absolute one', { store, idleTimeout: '91d' }],
    ['a misspelt one', { store, graze: '10s' }],
    ['no store', {}],
    ['a clock that is none', { store, now: 5 }],
  ])('%s does not start', (_name, options) => {
    expect(() => createRemember(options as Parameters<typeof createRemember>[0])).toThrow(/OPTION_INVALID/)
  })
})
