import { expect, it, vi } from 'vitest'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'

it('clearExpiredEvery of 30d sweeps a thousand times a second', async () => {
  const store = memoryStore()
  const deleteExpired = vi.spyOn(store, 'deleteExpired')
  const stop = createSessions({ store }).clearExpiredEvery('30d')
  await new Promise(resolve => setTimeout(resolve, 100))
  stop()
  expect(deleteExpired.mock.calls.length).toBe(1)
})
it('a script that asked the store once is kept running by the deadline timer (a tenth of storeDeadline)', async () => {
  const sessions = createSessions({ store: memoryStore(), storeDeadline: '10m' })
  const before = process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  await sessions.list('ada')
  expect(process.getActiveResourcesInfo().filter(name => name === 'Timeout').length).toBe(before)
})
