import { setTimeout as lookAtPage } from 'node:timers/promises'
import { expect } from 'vitest'
import type { SessionOptions } from '../../src/index.ts'
import type { SessionStore } from '../../src/stores/store.ts'
import type { Data } from '../support/site.ts'
import { loggedIn } from './visitors.ts'

/**
 * Eight visitors who go on reading and counting until they are stopped. `stop` rejects if one page failed or showed anything but
 * what its visitor did.
 */
export async function startBusyVisitors(
  store: SessionStore,
  options: Partial<SessionOptions<Data>> = {},
): Promise<{ stop(): Promise<void> }> {
  let over = false
  const names = Array.from({ length: 8 }, (_, i) => `visitor-${i}`)
  const visitors = await Promise.all(names.map(name => loggedIn(name, store, options)))
  const visits = visitors.map(async (visitor, i) => {
    let count = 0
    do {
      expect(await visitor.see('/count')).toBe(++count)
      expect(await visitor.see('/data')).toEqual({ name: names[i], count })
      // They leave the process time for what they are to be disturbed by.
      await lookAtPage(10)
    } while (!over)
  })
  const all = Promise.all(visits)
  all.catch(() => undefined)
  return {
    async stop() {
      over = true
      await all
    },
  }
}
