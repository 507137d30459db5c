// The site that every adapter serves. Its store can be told to hang.
import { createSessions } from 'keepsake'
import { memoryStore } from 'keepsake/stores/memory'

const memory = memoryStore()
let hanging = false

const store = {
  read: id => (hanging ? new Promise(() => undefined) : memory.read(id)),
  create: (id, record) => memory.create(id, record),
  replace: (was, id, record) => memory.replace(was, id, record),
  delete: id => memory.delete(id),
}

export const sessions = createSessions({ store, storeDeadline: '200ms', cookie: { secure: false } })

/** What the site says at a path; undefined where it has nothing to say. */
export async function answer(request, path) {
  if (path === '/hang') hanging = true
  if (path === '/mend') hanging = false
  if (path !== '/visit' && path !== '/hang') return 'plain'
  const session = await sessions.of(request)
  return `visit ${session.update('visits', (n = 0) => n + 1)}`
}
