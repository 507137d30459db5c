import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isKeepsakeError } from '../../../src/errors.ts'
import { createSessions } from '../../../src/index.ts'
import { redisStore } from '../../../src/stores/redis/redis-store.ts'
import type { SessionStore } from '../../../src/stores/store.ts'
import { Browser, type Data, site } from '../../support/site.ts'
import { describeWithService } from '../describe-with-service.ts'
import { ask } from '../line-protocol.ts'
import { startWatchedRedis, type WatchedRedis } from '../redis-sentinel.ts'
import { loggedIn, samePerson } from '../visitors.ts'
import { clientsOfWatched, type OpenClient } from './clients.ts'

describeWithService('redis', () => {
  for (const [kind, connect] of Object.entries(clientsOfWatched)) {
    describe(kind, () => {
      let watched: WatchedRedis
      let opened: OpenClient
      let store: SessionStore
      beforeAll(async () => {
        watched = await startWatchedRedis()
        opened = await connect(watched)
        store = redisStore(opened.client)
      })
      afterAll(async () => {
        await opened.close()
        await watched.stop()
      })

      it('a fail-over that loses the last changes takes each visitor back to an earlier state, and to nobody else', async () => {
        const ada = await begun('ada', store)
        const bob = await begun('bob', store)
        const cleo = await begun('cleo', store)
        const dora = await begun('dora', store)
        await replicated(watched)
        await cutReplicaOff(watched)
        // What the replica never hears of: a login, a logout, a rotation, a change.
        const eve = await begun('eve', store)
        const [bobBefore, cleoBefore] = [samePerson(bob, store), samePerson(cleo, store)]
        await bob.see('/logout')
        await cleo.see('/rotate')
        expect(await dora.see('/count')).toBe(2)
        await watched.primary.crash()
        watched.replica.resume()

        const problems = await problemsUntilSaved(ada, store)
        expect(problems.length).toBeGreaterThan(0)
        expect(problems.filter(code => code !== 'STORE_FAILED' && code !== 'STORE_TIMEOUT')).toEqual([])

        const seen = await Promise.all([ada, bobBefore, cleo, cleoBefore, dora, eve].map(tab => tab.see('/data')))
        expect(seen).toEqual([
          { name: 'ada', count: 1, theme: 'dark' },
          { name: 'bob', count: 1 },
          {},
          { name: 'cleo', count: 1 },
          { name: 'dora', count: 1 },
          {},
        ])
        // Whoever is unknown now begins anew.
        await eve.see('/begin?name=eve')
        expect(await eve.see('/name')).toBe('eve')
      })
    })
  }
})

/** A visitor who has logged in and counted to one. */
async function begun(name: string, store: SessionStore): Promise<Browser> {
  const visitor = await loggedIn(name, store)
  expect(await visitor.see('/count')).toBe(1)
  return visitor
}

/** Resolves when the replica has all that was written before. */
async function replicated({ primary, replica }: WatchedRedis): Promise<void> {
  const offset = async (port: number): Promise<number> =>
    Number(/^master_repl_offset:(\d+)/m.exec(await ask(port, 'INFO replication'))?.[1])
  const written = await offset(primary.port)
  await expect.poll(() => offset(replica.port), { timeout: 20_000 }).toBeGreaterThanOrEqual(written)
}

/** From here on nothing reaches the replica: it cannot connect again while it is stopped, nor when the primary is gone. */
async function cutReplicaOff({ primary, replica }: WatchedRedis): Promise<void> {
  await replica.pause()
  await ask(primary.port, 'CLIENT KILL TYPE replica')
}

/**
 * What a program is told while there is no primary, until a change of this visitor is saved. Each time, the visitor is who they
 * were or nobody can tell, and keeps the cookie.
 */
async function problemsUntilSaved(ada: Browser, store: SessionStore): Promise<string[]> {
  const sessions = createSessions<Data>({ store, storeDeadline: '200ms' })
  const pages = site(sessions, {
    '/name': session => session().then(found => found.get('name') ?? null, codeOf),
    '/theme': async session => {
      try {
        const found = await session()
        found.set('theme', 'dark')
        await found.commit()
        return 'saved'
      } catch (error) {
        return codeOf(error)
      }
    },
  })
  const tab = new Browser(pages, ada.cookie)
  const problems: string[] = []
  for (;;) {
    const answers = [await tab.open('/name'), await tab.open('/theme')]
    expect(answers.flatMap(({ headers }) => headers.getSetCookie())).toEqual([])
    const [name, saved] = (await Promise.all(answers.map(answer => answer.json()))) as [string, string]
    if (name !== 'ada') problems.push(name)
    if (saved === 'saved') return problems
    problems.push(saved)
  }
}

function codeOf(error: unknown): string {
  if (isKeepsakeError(error)) return error.code
  throw error
}
