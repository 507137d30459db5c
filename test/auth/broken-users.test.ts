import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAuth } from '../../src/auth/create-auth.ts'
import { memoryUsers } from '../../src/auth/users/memory-users.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { quickHasher, secret } from './auth-site.ts'

type Auth = ReturnType<typeof createAuth>

const values = { username: 'ada', email: 'ada@example.com' }

const calls: readonly [what: string, call: (users: Auth['users']) => Promise<unknown>][] = [
  ['find', users => users.find({ username: 'ada' })],
  ['list', users => users.list()],
  ['create', users => users.create(values)],
  ['update', users => users.update('1', { firstName: 'Ada' })],
  ['setPassword', users => users.setPassword('1', 'correct horse battery staple')],
  ['hasUsablePassword', users => users.hasUsablePassword('1')],
  ['setStanding', users => users.setStanding('1', { isStaff: true })],
  ['deactivate', users => users.deactivate('1')],
  ['delete', users => users.delete('1')],
  ['rightsOf', users => users.rightsOf('1')],
]

/** All of its methods do the same. */
function brokenAuth(answer: () => Promise<never>): Auth {
  const all = { find: answer, create: answer, update: answer, delete: answer, list: answer, rightsOf: answer }
  return createAuth({
    sessions: createSessions({ store: memoryStore() }),
    users: { ...memoryUsers(), ...all },
    ...{ secrets: secret, passwords: { hasher: quickHasher } },
  })
}

describe('a user store that fails is an outage: 503, and no word of what it said', () => {
  it.each(calls)('users.%s', async (_what, call) => {
    const cause = new Error('ECONNREFUSED 10.0.0.5 password=hunter2')
    const failure = await call(brokenAuth(() => Promise.reject(cause)).users).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'STORE_FAILED', status: 503, cause })
    expect(String(failure)).not.toContain('hunter2')
  })

  it.each(calls)('users.%s, where the store throws at once', async (_what, call) => {
    const { users } = brokenAuth(() => {
      throw new Error('not connected')
    })
    await expect(call(users)).rejects.toMatchObject({ code: 'STORE_FAILED', status: 503 })
  })
})

describe('a user store that hangs', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it.each(calls)('holds nobody up: users.%s', async (_what, call) => {
    const outcome = call(brokenAuth(() => new Promise(() => undefined)).users).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(2500)
    expect(await outcome).toMatchObject({ code: 'STORE_TIMEOUT', status: 503 })
  })
})
