import { createToken, isToken, tokenToId } from '../session/token.ts'
import type { SessionStore, StoredRecord } from '../stores/store.ts'
import type { Engine, NotOpened, Opened, Step } from './engine.ts'

/**
 * The engine of sessions that rest in a store: the cookie holds a token, the store holds the record under the token's hash.
 * This is the one place where a token becomes an id, so no store can forget to hash it.
 */
export function storedEngine(store: SessionStore): Engine {
  return {
    async open(cookieValue): Promise<Opened | NotOpened> {
      if (!isToken(cookieValue)) return 'malformed'
      const id = tokenToId(cookieValue)
      const record = await store.read(id)
      return record ? opened(id, cookieValue, record) : 'unknown'
    },

    async reopen({ id, cookieValue }): Promise<Opened | null> {
      const record = await store.read(id)
      return record && opened(id, cookieValue, record)
    },

    async commit(step): Promise<Opened | null> {
      const cookieValue = step.type === 'replace' ? step.was.cookieValue : createToken()
      const id = step.type === 'replace' ? step.was.id : tokenToId(cookieValue)
      const { payload, expiresAt } = step.record
      const done = await save(store, step, id)
      return done ? { id, cookieValue, payload, expiresAt, version: null } : null
    },

    async destroy({ id }): Promise<void> {
      await store.delete(id)
    },
  }
}

function opened(id: string, cookieValue: string, { payload, expiresAt, version }: StoredRecord): Opened {
  return { id, cookieValue, payload, expiresAt, version }
}

/** Creating can only fail by a clash of two 256-bit random tokens; then it is right to fail. */
function save(store: SessionStore, step: Step, id: string): Promise<boolean> {
  if (step.type === 'create') return store.create(id, step.record)
  const { id: wasId, version } = step.was
  return version === null ? Promise.resolve(false) : store.replace({ id: wasId, version }, id, step.record)
}
