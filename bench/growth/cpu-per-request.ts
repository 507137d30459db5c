import { createSessions, type Sessions } from '../../src/index.ts'
import type { SessionStore } from '../../src/stores/store.ts'
import { median } from '../statistics.ts'
import { visit } from './visit.ts'

interface Data {
  user: string
  visits: number
}

type Act = (sessions: Sessions<Data>, request: object) => unknown

/** What a request does with its session. */
const kinds: Readonly<Record<string, Act>> = {
  untouched: () => undefined,
  read: async (sessions, request) => (await sessions.of(request)).get('user'),
  write: async (sessions, request) => (await sessions.of(request)).update('visits', (n = 0) => n + 1),
}

export const kindNames: readonly string[] = Object.keys(kinds)

/** So many visitors, of whom as many as a busy server has to do with ask at the same time. */
const [visitors, atOnce] = [256, 16]
/** How long each kind is run in a round, and before the first, in ms: V8 has to have compiled it. */
const [stint, warmUp] = [60, 600]

/**
 * Microseconds of this process's CPU per request, by kind, for sessions that begin among the records that are there and end
 * afterwards. A service's own CPU is not in it.
 */
export async function cpuPerRequest(store: SessionStore, rounds: number): Promise<number[]> {
  const sessions = createSessions<Data>({ store })
  const login: Act = async (sessions, request) => (await sessions.of(request)).assign({ user: 'somebody', visits: 0 })
  const logout: Act = async (sessions, request) => (await sessions.of(request)).destroy()
  const cookies = await Promise.all(
    Array.from({ length: visitors }, () => visit(sessions, undefined, request => login(sessions, request))),
  )
  const times = kindNames.map((): number[] => [])
  for (const act of Object.values(kinds)) await cpuOf(sessions, cookies, act, warmUp)
  for (let round = 0; round < rounds; round++) {
    for (const [i, act] of Object.values(kinds).entries()) times[i]?.push(await cpuOf(sessions, cookies, act, stint))
  }
  for (const cookie of cookies) await visit(sessions, cookie, request => logout(sessions, request))
  return times.map(median)
}

async function cpuOf(sessions: Sessions<Data>, cookies: readonly string[], act: Act, ms: number): Promise<number> {
  const before = process.cpuUsage()
  const end = performance.now() + ms
  const ask = async (first: number): Promise<number> => {
    let count = 0
    for (; performance.now() < end; count++) {
      // No two ask for one session at the same time.
      const cookie = cookies[(first + count * atOnce) % visitors]
      await visit(sessions, cookie, request => act(sessions, request))
    }
    return count
  }
  const counts = await Promise.all(Array.from({ length: atOnce }, (_, i) => ask(i)))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / counts.reduce((sum, count) => sum + count, 0)
}
