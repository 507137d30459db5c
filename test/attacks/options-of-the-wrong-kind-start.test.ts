import { expect, it } from 'vitest'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'

const store = memoryStore()
it.each([
  ['a store that was not awaited', { store: Promise.resolve(store) }],
  ['a store that is a text', { store: 'redis' }],
  ['an engine without methods', { engine: {} }],
  ['a clock that is a number', { store, clock: 5 }],
  ['onEvent that is a text', { store, onEvent: 'log' }],
  ['a codec without parse', { store, codec: { stringify: String } }],
  ['a schema that is none', { store, schema: {} }],
  ['an index that is a key', { store, index: { accountId: 'accountId' } }],
])('%s starts', (_, options) => {
  expect(() => createSessions(options as never)).toThrow(/OPTION_INVALID/)
})
