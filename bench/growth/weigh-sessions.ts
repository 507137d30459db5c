// A process of its own, that nothing else is weighed with: fills one holder and prints the bytes of heap per session.
// Needs --expose-gc, the holder's name, and the number of sessions.
import session, { type SessionData } from 'express-session'
import { memoryStore } from '../../src/stores/memory.ts'
import { holders } from './memory-per-session.ts'
import { began, idOf, payloadOf, recordOf } from './records.ts'

const [name = '', text = ''] = process.argv.slice(2)
const sessions = Number(text)
const { gc } = globalThis

/** Fills what is named, and returns what holds the sessions. */
async function fill(): Promise<object> {
  if (name === holders.map) return filledMap()
  if (name === holders.express) return filledExpressStore()
  return filledMemoryStore(name === holders.withUsers)
}

function filledMap(): object {
  const map = new Map<string, string>()
  for (let i = 0; i < sessions; i++) map.set(idOf(i), payloadOf(i))
  return map
}

function filledExpressStore(): object {
  const store = new session.MemoryStore()
  const cookie = { originalMaxAge: 1_209_600_000, expires: new Date(began), secure: true, httpOnly: true, path: '/' }
  for (let i = 0; i < sessions; i++) {
    const { d } = JSON.parse(payloadOf(i))
    store.set(idOf(i), { cookie, ...d } as unknown as SessionData)
  }
  return store
}

async function filledMemoryStore(withUsers: boolean): Promise<object> {
  const store = memoryStore()
  for (let i = 0; i < sessions; i++) {
    const record = recordOf(i)
    await store.create(idOf(i), withUsers ? record : { ...record, index: {} })
  }
  return store
}

async function weigh(): Promise<void> {
  await gc?.({ execution: 'async' })
  const before = process.memoryUsage().heapUsed
  const holder = await fill()
  await gc?.({ execution: 'async' })
  console.log((process.memoryUsage().heapUsed - before) / sessions)
  // Used after it was weighed, so that it was not collected before.
  process.on('exit', () => void holder)
}

await weigh()
