import type { Engine, NotOpened, Opened } from '../../engines/engine.ts'
import { tokenToId } from '../../session/token.ts'
import { createSessionKey, isSessionKey } from '../session-key.ts'

/** The text of a session, and when it ends, in ms since 1970. */
export interface DjangoRecord {
  readonly payload: string
  readonly end: number
}

/**
 * Where one of Django's engines keeps sessions under their keys. Django has no versions: what was read is its own version, and
 * is compared as a whole.
 */
export interface DjangoStore {
  read(key: string): Promise<DjangoRecord | null>
  /** False, and nothing changed, if the key is taken. */
  create(key: string, record: DjangoRecord): Promise<boolean>
  /** Stores over exactly the payload that was read, under the same key or another. False, and nothing changed, if it is not there. */
  replace(was: { readonly key: string; readonly payload: string }, key: string, record: DjangoRecord): Promise<boolean>
  delete(key: string): Promise<void>
}

/**
 * The engine of sessions that rest under a key: the cookie holds Django's key. The id is a hash of it, so that no log and no list
 * shows a key; Django itself keeps the keys as they are.
 */
export function keyedEngine(store: DjangoStore): Engine {
  const read = async (key: string): Promise<Opened | null> => {
    const record = await store.read(key)
    return record && opened(key, record)
  }
  return {
    async open(cookieValue): Promise<Opened | NotOpened> {
      if (!isSessionKey(cookieValue)) return 'malformed'
      return (await read(cookieValue)) ?? 'unknown'
    },

    reopen: ({ cookieValue }) => read(cookieValue),

    async commit(step): Promise<Opened | null> {
      const key = step.type === 'replace' ? step.was.cookieValue : createSessionKey()
      const record = { payload: step.record.payload, end: step.record.expiresAt.getTime() }
      const done =
        step.type === 'create'
          ? store.create(key, record)
          : store.replace({ key: step.was.cookieValue, payload: step.was.payload }, key, record)
      return (await done) ? opened(key, record) : null
    },

    destroy: ({ cookieValue }) => store.delete(cookieValue),
  }
}

/** What has been saved is known to the letter, so the next change in the same request need not read it again. */
function opened(key: string, { payload, end }: DjangoRecord): Opened {
  return { id: tokenToId(key), cookieValue: key, payload, expiresAt: new Date(end), version: payload }
}
