import type { Engine } from './engines/engine.ts'
import { storedEngine } from './engines/stored.ts'
import { withDeadline } from './engines/with-deadline.ts'
import { KeepsakeError } from './errors.ts'
import { resolveOptions, type SessionOptions } from './session/options.ts'
import { Sessions } from './session/sessions.ts'
import { type IndexedSessions, StoredSessions, type SweptSessions } from './stored-sessions.ts'
import type { ExpirySweep, SessionIndex, SessionStore } from './stores/store.ts'
import { checkFunctions } from './values/check-functions.ts'
import { Deadline } from './waiting/deadline.ts'
import { Turns } from './waiting/turns.ts'

/** The type of the data where the program names none. */
type AnyData = Record<string, unknown>

/** Sessions in a store: with what every store can do, and what this one can do beyond. */
type SessionsIn<Data extends object, Capabilities> = Sessions<Data> &
  Pick<StoredSessions<Data>, 'revoke'> &
  Capabilities

type Options<Data extends object, Store> = SessionOptions<Data> & { readonly store: Store }

/**
 * The sessions of a program. Make them once, and give them to an adapter.
 *
 * The type argument names the session's data; with `schema`, the schema does. What the store cannot do is missing from the
 * type: without an index there is no `revokeAll`. Throws at once for options that contradict each other or are unsafe.
 *
 * @example
 * interface AppSession { visits: number; cart: string[] }
 * export const sessions = createSessions<AppSession>({ store: memoryStore() })
 */
export function createSessions<Data extends object = AnyData>(
  options: Options<Data, SessionStore & SessionIndex & ExpirySweep>,
): SessionsIn<Data, IndexedSessions<Data> & SweptSessions>
export function createSessions<Data extends object = AnyData>(
  options: Options<Data, SessionStore & SessionIndex>,
): SessionsIn<Data, IndexedSessions<Data>>
export function createSessions<Data extends object = AnyData>(
  options: Options<Data, SessionStore & ExpirySweep>,
): SessionsIn<Data, SweptSessions>
export function createSessions<Data extends object = AnyData>(
  options: Options<Data, SessionStore>,
): SessionsIn<Data, unknown>
/** Sessions that travel in another way, such as whole in the cookie. */
export function createSessions<Data extends object = AnyData>(
  options: SessionOptions<Data> & { readonly engine: Engine },
): Sessions<Data>
export function createSessions<Data extends object>(
  options: SessionOptions<Data> & { store?: SessionStore; engine?: Engine },
): Sessions<Data> {
  const { store, engine, ...rest } = options ?? {}
  const settings = resolveOptions(rest)
  const deadline = new Deadline(settings.deadlineMs)
  const coreWith = (chosen: Engine) => ({
    engine: withDeadline(chosen, deadline),
    settings,
    turns: new Turns(),
  })
  if (store) checkFunctions('store', store, ['read', 'create', 'replace', 'delete'])
  if (engine) checkFunctions('engine', engine, ['open', 'reopen', 'commit', 'destroy'])
  if (store && !engine) return new StoredSessions<Data>(coreWith(storedEngine(store)), store, deadline)
  if (engine && !store) return new Sessions<Data>(coreWith(engine))
  throw new KeepsakeError('OPTION_INVALID', 'store or engine is missing, or both are given')
}
