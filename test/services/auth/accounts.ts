import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { createPasswords } from '../../../src/auth/passwords/passwords.ts'
import { createUsers } from '../../../src/auth/users/create-users.ts'
import { databaseUsers } from '../../../src/auth/users/database/database-users.ts'
import { fakeClock } from '../../../src/testing/fake-clock.ts'
import type { AccountsOrder, Visit } from '../workers/accounts.ts'
import type { StoreDescription } from '../workers/store-description.ts'

const processes = 4
const each = 13

/** Sessions of the store that is described, in four processes, and their users, who are in a file of their own. */
async function fourProcesses(description: StoreDescription, usersFile: string) {
  const store = databaseUsers(new DatabaseSync(usersFile))
  await store.migrate()
  const { user } = await createUsers({ store, passwords: createPasswords() }).create({ username: 'ada' })
  const children = Array.from({ length: processes }, () => start(description, usersFile))
  await Promise.all(children.map(answerOf))
  const common = { userId: user?.id ?? expect.fail('no user'), cookie: '' }
  const send = (child: ChildProcess, order: AccountsOrder): Promise<Visit[]> => {
    child.send(order)
    return answerOf(child) as Promise<Visit[]>
  }
  return {
    /** The same at the same time in all processes. */
    all: async (order: Omit<AccountsOrder, 'userId' | 'times' | 'cookie'> & { cookie?: string }): Promise<Visit[]> => {
      const reports = children.map(child => send(child, { ...common, ...order, times: each }))
      return (await Promise.all(reports)).flat()
    },
    /** One request to one of them. */
    one: async (order: Omit<AccountsOrder, 'userId' | 'times' | 'cookie'> & { cookie?: string }): Promise<Visit> => {
      const [visit] = await send(children[0] ?? expect.fail('none'), { ...common, ...order, times: 1 })
      return visit ?? expect.fail('no answer')
    },
    stop: async (): Promise<void> => {
      for (const child of children) child.disconnect()
      await Promise.all(children.map(child => child.exitCode ?? once(child, 'exit')))
    },
  }
}

function start(description: StoreDescription, usersFile: string): ChildProcess {
  const script = join(import.meta.dirname, '../workers/accounts.ts')
  return fork(script, [JSON.stringify(description), usersFile], { execArgv: [] })
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const answered = new AbortController()
  const { signal } = answered
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`the process ended with ${code}`)
  })
  const message = once(child, 'message', { signal })
  // Of the two, one is given up.
  for (const either of [ended, message]) either.catch(() => undefined)
  const [answer] = await Promise.race([message, ended])
  answered.abort()
  return answer
}

const named = (visits: readonly Visit[], name: string): string[] =>
  visits.flatMap(({ cookies }) => cookies.filter(cookie => cookie.startsWith(`${name}=`)))

/** R1: parallel requests of a browser whose session is over. */
export function restoresTogether(description: StoreDescription, usersFile: string): void {
  it(`R1: ${processes * each} parallel requests from ${processes} processes with an expired session and one remember cookie: all logged in, one rotation, no alarm`, async () => {
    const site = await fourProcesses(description, usersFile)
    try {
      const clock = fakeClock(new Date())
      const { cookies, seen } = await site.one({ page: 'login', now: clock() })
      expect(seen).toBe('ada')
      let cookie = cookies.join('; ')
      for (let round = 0; round < 3; round++) {
        clock.advance('15d')
        const visits = await site.all({ page: 'who', now: clock(), cookie })
        expect(new Set(visits.map(visit => visit.seen))).toEqual(new Set(['ada']))
        expect(visits.flatMap(({ events }) => events)).not.toContain('remember-theft')
        const rotations = named(visits, '__Host-remember')
        expect(rotations).toHaveLength(1)
        // Whichever answer the browser got last, its session is good.
        for (const session of named(visits, '__Host-session').slice(0, 5)) {
          expect((await site.one({ page: 'who', now: clock(), cookie: session })).seen).toBe('ada')
        }
        cookie = [...rotations, ...named(visits, '__Host-session').slice(-1)].join('; ')
      }
    } finally {
      await site.stop()
    }
  })
}

/** The limit of sessions, where they can be listed. */
export function keepsTheLimit(description: StoreDescription, usersFile: string): void {
  it.each(['evict-oldest', 'reject'] as const)(
    `ASVS 7.1.2, %s: of ${processes * each} parallel logins from ${processes} processes, 3 remain`,
    async whenFull => {
      const site = await fourProcesses(description, `${usersFile}-${whenFull}`)
      try {
        const now = Date.now()
        const visits = await site.all({ page: 'login', now, limit: { most: 3, whenFull } })
        const outcomes = new Set(visits.map(({ seen }) => seen))
        expect([...outcomes].filter(seen => seen !== 'ada' && seen !== 'SESSIONS_FULL')).toEqual([])
        let inside = 0
        for (const { cookies } of visits) {
          const { seen } = await site.one({ page: 'who', now, cookie: cookies.join('; ') })
          if (seen === 'ada') inside++
        }
        expect(inside).toBe(3)
      } finally {
        await site.stop()
      }
    },
  )
}
