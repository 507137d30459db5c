import type { SessionCookieOptions } from '../../cookies/cookie-options.ts'
import { withDeadline } from '../../engines/with-deadline.ts'
import { KeepsakeError } from '../../errors.ts'
import { resolveOptions, type SessionOptions } from '../../session/options.ts'
import { Sessions } from '../../session/sessions.ts'
import { refuseUnknown } from '../../values/check-options.ts'
import type { Duration } from '../../values/duration.ts'
import { Deadline } from '../../waiting/deadline.ts'
import { Lately } from '../../waiting/lately.ts'
import { Turns } from '../../waiting/turns.ts'
import { type DjangoSecrets, verifyingKeys } from '../salted-hmac.ts'
import type { DjangoEngine } from './engine.ts'
import { pythonValues } from './python-values.ts'
import { djangoFormat } from './record-format.ts'
import { keepingOthers } from './shared-schema.ts'
import { modelBackend } from './user-facts.ts'

/** Options of `djangoSessions`. What Django's sessions have no place for is missing: an index, and a limit on their whole life. */
export interface DjangoSessionsOptions<Data extends object>
  extends DjangoSecrets,
    Pick<SessionOptions<Data>, 'storeDeadline' | 'schema' | 'clock' | 'onEvent'> {
  /** Django's `SESSION_ENGINE`: `dbEngine`, `cacheEngine`, `cachedDbEngine`, `fileEngine` or `signedCookiesEngine`. */
  readonly engine: DjangoEngine
  /** As Django's `SESSION_COOKIE_*` say; `persistent` is the opposite of `SESSION_EXPIRE_AT_BROWSER_CLOSE`. @default name 'sessionid' */
  readonly cookie?: SessionCookieOptions
  /** `SESSION_COOKIE_AGE`. @default '14d' */
  readonly idleTimeout?: Duration
  /** The path of the backend that Django is told of when a user logs in here. @default Django's ModelBackend */
  readonly backend?: string
  /**
   * `AUTHENTICATION_BACKENDS`: a login by any other counts for nothing, on neither side. `backend` is one of them.
   * @default [backend]
   */
  readonly backends?: readonly string[]
  /** What becomes of a session that cannot be read when the program changes it: an error, or what Django does. @default 'refuse' */
  readonly unreadable?: 'refuse' | 'replace'
  /** Also reads what Django before 3.1 wrote. Nothing is written so. @default false */
  readonly legacy?: boolean
}

const known: readonly (keyof DjangoSessionsOptions<object>)[] = [
  ...(['secretKey', 'fallbacks', 'engine', 'cookie', 'idleTimeout', 'backend', 'backends'] as const),
  ...(['unreadable', 'legacy', 'storeDeadline', 'schema', 'clock', 'onEvent'] as const),
]

/**
 * The sessions of a Django site: the same visitors, the same data, the same logins, at the same time on both sides. What comes
 * back is what `createSessions` gives, for every adapter. `docs/django.md` has the details.
 *
 * @example
 * interface AppSession { cart: string[] }
 * const sessions = djangoSessions<AppSession>({ secretKey: process.env.SECRET_KEY, engine: dbEngine(new Pool()) })
 */
export function djangoSessions<Data extends object = Record<string, unknown>>(
  options: DjangoSessionsOptions<Data>,
): Sessions<Data> {
  const {
    secretKey,
    fallbacks,
    engine: source,
    backend = modelBackend,
    backends = [backend],
    unreadable = 'refuse',
    legacy,
    ...rest
  } = options
  refuseUnknown(options, known, '')
  verifyingKeys({ secretKey, fallbacks })
  if (typeof source !== 'function') throw new KeepsakeError('OPTION_INVALID', 'engine is missing: dbEngine(database)')
  if (!Array.isArray(backends) || !backends.includes(backend)) {
    throw new KeepsakeError('OPTION_INVALID', `backends does not name ${backend}, the backend of logins here`)
  }
  const { schema, ...plain } = { ...rest, cookie: { name: 'sessionid', ...rest.cookie } }
  const resolved = resolveOptions<Data>({
    ...{ ...plain, absoluteTimeout: 'unlimited', codec: pythonValues },
    ...(schema && { schema: keepingOthers(schema) }),
  })
  const { now, cookieName, expiry } = resolved
  const secrets = { secretKey, fallbacks, legacy: legacy ?? false }
  const { engine, text } = source({ secrets, cookieName, idleMs: expiry.idleMs, now })
  const format = djangoFormat({ text, idleMs: expiry.idleMs, backend, backends, unreadable })
  return new Sessions<Data>({
    engine: withDeadline(engine, new Deadline(resolved.deadlineMs)),
    settings: { ...resolved, format, scope: '' },
    turns: new Turns(),
    renewals: new Lately(),
  })
}
