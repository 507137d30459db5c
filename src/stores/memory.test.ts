import { describe, expect, it } from 'vitest'
import { describeSessionStore } from '../testing/describe-session-store.ts'
import { memoryStore } from './memory.ts'

describeSessionStore('memoryStore', memoryStore, { describe, it, index: true, sweep: true })

const shared = memoryStore()
describeSessionStore('a memoryStore that others use too', () => shared, {
  describe,
  it,
  index: true,
  sweep: true,
})

describe('memoryStore', () => {
  it('keeps records to itself: another one knows nothing of them', async () => {
    const record = { payload: '{}', createdAt: new Date(), expiresAt: new Date(8.64e15), index: {} }
    await memoryStore().create('id', record)
    expect(await memoryStore().read('id')).toBeNull()
  })
})
