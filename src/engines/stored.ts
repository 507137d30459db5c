import { createToken, isToken, tokenToId } from '../session/token.ts'
import type { SessionStore, StoredRecord } from '../stores/store.ts'
import { atOnce } from '../waiting/at-once.ts'
import type { Awaitable } from '../waiting/awaitable.ts'
import type { Deadline } from '../waiting/deadline.ts'
import type { Engine, NotOpened, Opened, Step } from './engine.ts'

/**
 * The engine of sessions that rest in a store: the cookie holds a token, the store holds the record under the token's hash.
 * This is the one place where a token becomes an id, so no store can forget to hash it. Every call of the store is under the
 * deadline.
 */
export function storedEngine(store: SessionStore, deadline: Deadline): Engine {
  return {
    open(cookieValue): Awaitable<Opened | NotOpened> {
      if (!isToken(cookieValue)) return 'malformed'
      const id = tokenToId(cookieValue)
      return deadline.within(
        () => atOnce(store.read).call(store, id),
        record => (record ? opened(id, cookieValue, record) : 'unknown'),
      )
    },

    reopen: ({ id, cookieValue }) =>
      deadline.within(
        () => atOnce(store.read).call(store, id),
        record => record && opened(id, cookieValue, record),
      ),

    commit(step): Awaitable<Opened | null> {
      // Nothing is known that it could replace.
      if (step.type !== 'create' && step.was.version === null) return null
      const cookieValue = step.type === 'replace' ? step.was.cookieValue : createToken()
      const id = step.type === 'replace' ? step.was.id : tokenToId(cookieValue)
      const { payload, expiresAt } = step.record
      return deadline.within(
        () => save(store, step, id),
        done => (done ? { id, cookieValue, payload, expiresAt, version: null } : null),
      )
    },

    destroy: ({ id }) => deadline.within(() => store.delete(id)),
  }
}

function opened(id: string, cookieValue: string, { payload, expiresAt, version }: StoredRecord): Opened {
  return { id, cookieValue, payload, expiresAt, version }
}

/** Creating can only fail by a clash of two 256-bit random tokens; then it is right to fail. */
function save(store: SessionStore, step: Step, id: string): Awaitable<boolean> {
  if (step.type === 'create') return atOnce(store.create).call(store, id, step.record)
  const { id: wasId, version } = step.was
  return atOnce(store.replace).call(store, { id: wasId, version: version as string }, id, step.record)
}
