import type { Engine, EngineSettings, Revocation } from './engines/engine.ts'
import type { SweptRevocation } from './engines/revocations.ts'
import { storedEngine } from './engines/stored.ts'
import { withDeadline } from './engines/with-deadline.ts'
import { KeepsakeError } from './errors.ts'
import { RevocableSessions } from './revocable-sessions.ts'
import { resolveOptions, type SessionOptions, type SessionSettings } from './session/options.ts'
import { Sessions } from './session/sessions.ts'
import type { SessionCore } from './session/state.ts'
import { type IndexedSessions, StoredSessions, type SweptSessions } from './stored-sessions.ts'
import type { ExpirySweep, SessionIndex, SessionStore } from './stores/store.ts'
import { checkFunctions } from './values/check-options.ts'
import { Deadline } from './waiting/deadline.ts'
import { Lately } from './waiting/lately.ts'
import { Turns } from './waiting/turns.ts'

/** The type of the data where the program names none. */
type AnyData = Record<string, unknown>

/** Sessions in a store: with what every store can do, and what this one can do beyond. */
type SessionsIn<Data extends object, Capabilities> = Sessions<Data> &
  Pick<StoredSessions<Data>, 'revoke'> &
  Capabilities

/** An engine, or what makes one for the program's options. */
type EngineSource<E extends Engine> = E | ((settings: EngineSettings) => E)

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
/** Sessions that travel in another way, such as whole in the cookie: `signedCookie({ secrets })`. */
export function createSessions<Data extends object = AnyData>(
  options: SessionOptions<Data> & { readonly engine: EngineSource<Engine & SweptRevocation> },
): RevocableSessions<Data> & SweptSessions
export function createSessions<Data extends object = AnyData>(
  options: SessionOptions<Data> & { readonly engine: EngineSource<Engine & Revocation> },
): RevocableSessions<Data>
export function createSessions<Data extends object = AnyData>(
  options: SessionOptions<Data> & { readonly engine: EngineSource<Engine> },
): Sessions<Data>
export function createSessions<Data extends object>(
  options: SessionOptions<Data> & { store?: SessionStore; engine?: EngineSource<Engine & Partial<Revocation>> },
): Sessions<Data> {
  const { store, engine: source, ...rest } = options ?? {}
  const settings = resolveOptions(rest)
  const deadline = new Deadline(settings.deadlineMs)
  if (store && !source) {
    checkFunctions('store', store, ['read', 'create', 'replace', 'delete'])
    return new StoredSessions<Data>(coreOf(storedEngine(store, deadline), settings), store, deadline)
  }
  if (!source || store) throw new KeepsakeError('OPTION_INVALID', 'store or engine is missing, or both are given')
  const { cookieName, now, expiry } = settings
  const engine = typeof source === 'function' ? source({ cookieName, now, absoluteMs: expiry.absoluteMs }) : source
  checkFunctions('engine', engine, ['open', 'reopen', 'commit', 'destroy'])
  const core = coreOf(withDeadline(engine, deadline), settings)
  return canRevoke(engine) ? new RevocableSessions<Data>(core, engine, deadline) : new Sessions<Data>(core)
}

function coreOf(engine: Engine, settings: SessionSettings): SessionCore {
  return { engine, settings, turns: new Turns(), renewals: new Lately() }
}

function canRevoke(engine: Engine & Partial<Revocation>): engine is Engine & Revocation {
  return engine.revoke !== undefined && engine.revokeAll !== undefined
}
