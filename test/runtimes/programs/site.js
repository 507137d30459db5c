// The site that every adapter serves. Its store can be told to hang, to be slow, or to fail.
import { createSessions } from 'keepsake'
import { memoryStore } from 'keepsake/stores/memory'

const memory = memoryStore()
let hanging = false
let failing = false
let slow = false
/** Whether all writes that were begun are done. */
let written = true

const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

async function write(now) {
  written = false
  if (slow) await pause(300)
  if (failing) {
    written = true
    throw new Error('the store is down')
  }
  const done = await now()
  written = true
  return done
}

const store = {
  read: id => (hanging ? new Promise(() => undefined) : memory.read(id)),
  create: (id, record) => write(() => memory.create(id, record)),
  replace: (was, id, record) => write(() => memory.replace(was, id, record)),
  delete: id => write(() => memory.delete(id)),
}

export const sessions = createSessions({
  ...{ store, storeDeadline: '600ms', cookie: { secure: false } },
  onEvent: () => undefined,
})

/** What the site says at a path: a text, or its parts as they become ready. */
export async function answer(request, path) {
  if (path === '/hang' || path === '/mend') hanging = path === '/hang'
  if (path === '/fail' || path === '/mend') failing = path === '/fail'
  if (path === '/slow' || path === '/mend') slow = path === '/slow'
  if (path === '/written') return String(written)
  if (!['/visit', '/hang', '/fail', '/stream'].includes(path)) return 'plain'
  const session = await sessions.of(request)
  const visits = session.update('visits', (n = 0) => n + 1)
  return path === '/stream' ? visitLater(session) : `visit ${visits}`
}

/** A stream that counts one more visit when it has begun, and tries what needs a cookie. */
async function* visitLater(session) {
  yield 'begun'
  // Longer than a write: the headers have left.
  await pause(600)
  session.update('visits', (n = 0) => n + 1)
  try {
    session.rotate()
  } catch (error) {
    yield ` ${error.code}`
  }
}

/** The body of an answer as a Response takes it. */
export function bodyOf(answered) {
  if (typeof answered === 'string') return answered
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await answered.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    cancel: () => void answered.return(),
  })
}

/** Gives an answer with a response of `node:http`. */
export async function send(res, answered) {
  if (typeof answered !== 'string') for await (const part of answered) res.write(part)
  res.end(typeof answered === 'string' ? answered : undefined)
}
