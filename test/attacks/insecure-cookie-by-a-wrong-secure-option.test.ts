import { expect, it, vi } from 'vitest'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'

it.each(['auto', 'true', 1, null, 'Never'])(
  'cookie.secure %j (a JavaScript program) starts in production, with a cookie without Secure',
  secure => {
    vi.stubEnv('NODE_ENV', 'production')
    expect(() => createSessions({ store: memoryStore(), cookie: { secure: secure as never } })).toThrow()
  },
)
it.each([
  ['sameSite', false],
  ['path', ''],
  ['path', 'app'],
])('cookie.%s %j starts', (name, value) => {
  expect(() => createSessions({ store: memoryStore(), cookie: { [name]: value } as never })).toThrow()
})
