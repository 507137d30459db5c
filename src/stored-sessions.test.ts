import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Browser, type Data, gate, type Page, site } from '../test/support/site.ts'
import { createSessions } from './create-sessions.ts'
import { memoryStore } from './stores/memory.ts'

let now = 0
const store = memoryStore()
const sessions = createSessions<Data>({
  store,
  clock: () => now,
  idleTimeout: '1h',
  index: { theme: data => data.theme },
})
const pages: Record<string, Page> = {
  '/ada': async session => (await session()).rotate({ userId: 'ada' }),
  '/eve': async session => (await session()).rotate({ userId: 'eve' }),
  '/dark': async session => (await session()).set('theme', 'dark'),
  '/light': async session => (await session()).set('theme', 'light'),
  '/who': async session => (await session()).userId,
  '/others': async session => sessions.revokeAll('ada', { except: await session() }),
}

async function browserAfter(...paths: string[]): Promise<Browser> {
  const browser = new Browser(site(sessions, pages))
  for (const path of paths) await browser.see(path)
  return browser
}

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1)
  await store.deleteExpired(new Date(8.64e15), { limit: 1e9 })
})

describe('the sessions of a user', () => {
  it('are listed with what their owner may see, and without those that are over', async () => {
    await browserAfter('/ada', '/dark')
    now += 30 * 60_000
    await browserAfter('/ada')
    await browserAfter('/eve')
    const list = await sessions.list('ada')
    expect(list).toHaveLength(2)
    expect(list[0]).toEqual({
      id: expect.stringMatching(/^[\w-]{43}$/),
      userId: 'ada',
      facts: {},
      createdAt: new Date(now - 30 * 60_000),
      lastSeenAt: new Date(now - 30 * 60_000),
      expiresAt: new Date(now + 30 * 60_000),
      data: { theme: 'dark' },
    })
    now += 30 * 60_000
    expect(await sessions.list('ada')).toHaveLength(1)
  })

  it('end one by one, from the next request on', async () => {
    const [lost, kept] = [await browserAfter('/ada'), await browserAfter('/ada', '/dark')]
    const [device] = (await sessions.list('ada')).filter(({ data }) => !data.theme)
    await sessions.revoke(device?.id ?? '')
    expect([await lost.see('/who'), await kept.see('/who')]).toEqual([null, 'ada'])
  })

  it.each(['x', '../../etc/passwd', 'a\r\nflush_all', 'é'.repeat(43)])(
    'are not ended, nor the store asked, by an id that is none of ours: %j',
    async id => {
      const ada = await browserAfter('/ada')
      await sessions.revoke(id)
      expect(await ada.see('/who')).toBe('ada')
    },
  )

  it('end all at once, or all but this one', async () => {
    const [here, there, eve] = [await browserAfter('/ada'), await browserAfter('/ada'), await browserAfter('/eve')]
    expect(await here.see('/others')).toBe(1)
    expect([await here.see('/who'), await there.see('/who')]).toEqual(['ada', null])
    expect(await sessions.revokeAll('ada')).toBe(1)
    expect([await here.see('/who'), await eve.see('/who')]).toEqual([null, 'eve'])
  })
})

describe('sessions by an index of the program', () => {
  it('are found by the value that was computed at the last save', async () => {
    const browser = await browserAfter('/dark')
    await browserAfter('/light')
    expect(await sessions.find('theme', 'dark')).toMatchObject([{ data: { theme: 'dark' } }])
    await browser.see('/light')
    expect(await sessions.find('theme', 'dark')).toEqual([])
    expect(await sessions.find('theme', 'light')).toHaveLength(2)
  })
})

describe('clearing what expired', () => {
  async function expired(count: number): Promise<void> {
    const record = { payload: '{}', createdAt: new Date(0), expiresAt: new Date(now - 1), index: {} }
    for (let i = 0; i < count; i++) await store.create(`expired ${i}`, record)
  }
  afterEach(() => vi.useRealTimers())

  it('goes on, batch by batch, until nothing is left, and tells how far it is', async () => {
    await expired(2500)
    const progress: number[] = []
    expect(await sessions.clearExpired({ onProgress: removed => void progress.push(removed) })).toBe(2500)
    expect(progress).toEqual([1000, 2000, 2500])
  })

  it('stops at a number of records, or when it is told to', async () => {
    await expired(3000)
    expect(await sessions.clearExpired({ maxRecords: 1500 })).toBe(1500)
    const stop = new AbortController()
    expect(await sessions.clearExpired({ signal: stop.signal, onProgress: () => stop.abort() })).toBe(1000)
    expect(await sessions.clearExpired({ signal: stop.signal })).toBe(0)
    expect(await sessions.clearExpired()).toBe(500)
  })

  it('stops after the batch during which a budget of time has passed', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    await expired(3000)
    const slow = sessionsOn(async (now, options) => {
      vi.advanceTimersByTime(600)
      return store.deleteExpired(now, options)
    })
    expect(await slow.clearExpired({ maxTime: '1s' })).toBe(2000)
    expect(await slow.clearExpired({ maxTime: '600ms' })).toBe(1000)
  })

  it('can be done every so often, until it is stopped', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    await expired(1)
    const clear = vi.spyOn(sessions, 'clearExpired')
    const stop = sessions.clearExpiredEvery('10m')
    expect(clear).toHaveBeenCalledTimes(1)
    for (let time = 2; time <= 3; time++) {
      await clear.mock.results.at(-1)?.value
      await nextTurn()
      vi.advanceTimersByTime(10 * 60_000)
      expect(clear).toHaveBeenCalledTimes(time)
    }
    stop()
    vi.advanceTimersByTime(60 * 60_000)
    expect(clear).toHaveBeenCalledTimes(3)
    expect(await sessions.clearExpired()).toBe(0)
  })

  it('every so often, does not begin again before the last time is over', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const slow = gate()
    let calls = 0
    const stop = sessionsOn(async (now, options) => {
      if (++calls === 1) await slow.wait()
      return store.deleteExpired(now, options)
    }).clearExpiredEvery('10m')
    vi.advanceTimersByTime(60 * 60_000)
    expect(calls).toBe(1)
    slow.open()
    await vi.waitUntil(() => {
      vi.advanceTimersByTime(10 * 60_000)
      return calls > 1
    })
    stop()
  })

  it.each([false, true])(
    'every so often, stops after the batch that is under way (with a signal of the program: %s)',
    async hasSignal => {
      await expired(3000)
      let stop = (): void => undefined
      const swept = sessionsOn(async (now, options) => {
        await nextTurn()
        stop()
        return store.deleteExpired(now, options)
      })
      const clear = vi.spyOn(swept, 'clearExpired')
      const program = new AbortController()
      stop = swept.clearExpiredEvery('10m', hasSignal ? { signal: program.signal } : {})
      expect(await clear.mock.results[0]?.value).toBe(1000)
      expect(program.signal.aborted).toBe(false)
    },
  )

  it('every so often, goes on after a time that failed, with a warning', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined)
    let calls = 0
    const failing = sessionsOn(() => Promise.reject(new Error(`down ${++calls}`)))
    const stop = failing.clearExpiredEvery('10m')
    await vi.waitUntil(() => warn.mock.calls.length === 1)
    vi.advanceTimersByTime(10 * 60_000)
    await vi.waitUntil(() => warn.mock.calls.length === 2)
    stop()
    const causes = warn.mock.calls.map(([, error]) => String((error as Error).cause))
    expect(causes).toEqual(['Error: down 1', 'Error: down 2'])
    warn.mockRestore()
  })
})

/** The sessions of a store that sweeps in its own way. */
function sessionsOn(deleteExpired: typeof store.deleteExpired) {
  return createSessions<Data>({ store: { ...store, deleteExpired }, clock: () => now })
}
