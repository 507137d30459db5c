import session from 'express-session'
import { describe, expect, it, vi } from 'vitest'
import { Browser, type Data, gate, site } from '../../test/support/site.ts'
import { createSessions } from '../create-sessions.ts'
import { describeSessionStore } from '../testing/describe-session-store.ts'
import { type ExpressSessionStore, expressStore } from './express-store.ts'
import type { SessionRecord } from './store.ts'

describeSessionStore(
  'expressStore on the MemoryStore of express-session',
  () => expressStore(new session.MemoryStore()),
  { describe, it },
)

function recordOf(payload: string, expiresAt = new Date(Date.now() + 3_600_000)): SessionRecord {
  return { payload, createdAt: new Date(), expiresAt, index: {} }
}

/** A store that keeps what it was given, as it was given. */
function keepingStore() {
  const kept = new Map<string, unknown>()
  const store: ExpressSessionStore = {
    get: (sid, callback) => callback(null, kept.get(sid)),
    set(sid, value, callback) {
      kept.set(sid, value)
      callback()
    },
    destroy(sid, callback) {
      kept.delete(sid)
      callback()
    },
  }
  return { kept, store }
}

describe('expressStore', () => {
  it('tells the store in every way that stores look for when a session ends', async () => {
    const { kept, store } = keepingStore()
    const expiresAt = new Date(Date.now() + 3_600_000)
    await expressStore(store).create('id', recordOf('{}', expiresAt))
    const near = expect.closeTo(3_600_000, -4)
    expect(kept.get('id')).toMatchObject({
      cookie: { expires: expiresAt, originalMaxAge: near, maxAge: near },
    })
  })

  it('leaves alone what express-session itself keeps in the same store', async () => {
    const { kept, store } = keepingStore()
    const theirs = { cookie: { originalMaxAge: null }, views: 1 }
    kept.set('id', theirs)
    expect(await expressStore(store).read('id')).toBeNull()
    expect(await expressStore(store).create('id', recordOf('{}'))).toBe(false)
    expect(kept.get('id')).toBe(theirs)
  })

  it('knows its own records from those that a store finds under another spelling of the id', async () => {
    const { kept, store } = keepingStore()
    await expressStore(store).create('ID', recordOf('{}'))
    kept.set('id', kept.get('ID'))
    expect(await expressStore(store).read('id')).toBeNull()
    expect(await expressStore(store).read('ID')).not.toBeNull()
  })

  it('takes a record that is bent for none', async () => {
    const { kept, store } = keepingStore()
    const whole = { id: 'id', version: 'v', expiresAt: 1, payload: '{}' }
    const bent = [{ version: 1 }, { expiresAt: '1' }, { payload: undefined }].map(part => ({
      ...whole,
      ...part,
    }))
    for (const keepsake of [...bent, 'text', null, 7]) {
      kept.set('id', { cookie: {}, keepsake })
      expect(await expressStore(store).read('id')).toBeNull()
    }
  })

  it('passes on what the store says is wrong, but for a file that is not there', async () => {
    const failing = (error: unknown): ExpressSessionStore => ({
      ...keepingStore().store,
      get: (_, callback) => callback(error),
    })
    await expect(expressStore(failing(new Error('down'))).read('id')).rejects.toThrow('down')
    const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' })
    expect(await expressStore(failing(missing)).read('id')).toBeNull()
  })

  it('rejects when the store throws instead of calling back', async () => {
    const throwing: ExpressSessionStore = {
      ...keepingStore().store,
      get() {
        throw new Error('not connected')
      },
    }
    await expect(expressStore(throwing).read('id')).rejects.toThrow('not connected')
    await expect(expressStore(throwing).create('id', recordOf('{}'))).rejects.toThrow('not connected')
  })

  it('goes on with the next change of a session after one that failed', async () => {
    const { store } = keepingStore()
    let failures = 1
    const recovering: ExpressSessionStore = {
      ...store,
      set: (sid, value, callback) => (failures-- > 0 ? callback(new Error('down')) : store.set(sid, value, callback)),
    }
    const one = expressStore(recovering)
    const [first, second] = [one.create('id', recordOf('{}')), one.create('id', recordOf('{}'))]
    await expect(first).rejects.toThrow('down')
    expect(await second).toBe(true)
  })

  it('does not wait for ever for a store that never calls back', async () => {
    vi.useFakeTimers()
    try {
      const { store } = keepingStore()
      let calls = 0
      const one = expressStore({ ...store, set: (...all) => (calls++ === 0 ? undefined : store.set(...all)) })
      const [first, second] = [one.create('id', recordOf('{}')), one.create('id', recordOf('{}'))]
      const failure = expect(first).rejects.toThrow('did not call back')
      await vi.advanceTimersByTimeAsync(30_000)
      await failure
      expect(await second).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  it('ends the old id before it makes the new one when it rotates, so that a crash leaves none rather than both', async () => {
    const { kept, store } = keepingStore()
    const setting = gate()
    const slow: ExpressSessionStore = {
      ...store,
      set: (sid, value, callback) =>
        sid === 'new'
          ? void setting.wait().then(() => store.set(sid, value, callback))
          : store.set(sid, value, callback),
    }
    const one = expressStore(slow)
    await one.create('old', recordOf('{}'))
    const version = (await one.read('old'))?.version ?? ''
    const rotating = one.replace({ id: 'old', version }, 'new', recordOf('{}'))
    await setting.reached
    expect([...kept.keys()]).toEqual([])
    setting.open()
    expect(await rotating).toBe(true)
    expect([...kept.keys()]).toEqual(['new'])
  })

  it('lets 200 requests of one visitor count to exactly 200', async () => {
    const sessions = createSessions<Data>({ store: expressStore(new session.MemoryStore()) })
    const browser = new Browser(
      site(sessions, {
        '/count': async session => (await session()).update('count', (n = 0) => n + 1),
        '/read': async session => (await session()).get('count', 0),
      }),
    )
    await browser.open('/count')
    await Promise.all(Array.from({ length: 199 }, () => browser.copy().open('/count')))
    expect(await browser.see('/read')).toBe(200)
  })
})

describe('what an expressStore cannot do, since the stores cannot compare and replace in one step:', () => {
  it('of two processes that change a session in the same moment, both believe that they did', async () => {
    const memory = new session.MemoryStore()
    const [one, other] = [expressStore(memory), expressStore(memory)]
    expect(one.guarantees).toBe('single-process')
    await one.create('id', recordOf('first'))
    const version = (await one.read('id'))?.version ?? ''
    const replaced = await Promise.all(
      [one, other].map((process, i) => process.replace({ id: 'id', version }, 'id', recordOf(`by ${i}`))),
    )
    expect(replaced).toEqual([true, true])
  })
})
