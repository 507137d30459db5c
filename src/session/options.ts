import { cookieOptionNames, type SessionCookieOptions } from '../cookies/cookie-options.ts'
import { reportEvent, type SessionEvent, safely } from '../events.ts'
import { type SessionTransport, type Transports, transportsOf } from '../transport/transports.ts'
import { checkFunctions, invalidOption, refuseUnknown } from '../values/check-options.ts'
import { type Duration, durationMs } from '../values/duration.ts'
import type { DeepReadonly } from '../values/json-value.ts'
import type { DataCodec } from '../values/kept-copy.ts'
import type { StandardSchema } from '../values/schema.ts'
import { ownFormat, type RecordFormat } from './codec.ts'
import type { ExpiryPolicy } from './expiry.ts'

/** Options of `createSessions` beside the store. Every one has a safe default. */
export interface SessionOptions<Data extends object> {
  readonly cookie?: SessionCookieOptions
  /**
   * How the token travels: in the cookie, in a header for clients that are no browsers, or in either: `['cookie', bearer()]`.
   * `header` and `bearer` come from `keepsake/transport`. @default 'cookie'
   */
  readonly transport?: SessionTransport | readonly SessionTransport[]
  /**
   * Timeouts by NIST SP 800-63B-4 assurance level: aal1 is 14 days idle and 30 days in all, aal2 is 1 and 24 hours,
   * aal3 is 15 minutes and 12 hours. `idleTimeout` and `absoluteTimeout` override it. @default 'aal1'
   */
  readonly preset?: keyof typeof presets
  /** A session ends after this long without use. @default '14d' */
  readonly idleTimeout?: Duration
  /** A session ends after this long, whatever its use. @default '30d' */
  readonly absoluteTimeout?: Duration | 'unlimited'
  /** How long one call of the store may take before the request fails with 503. @default '2s' */
  readonly storeDeadline?: Duration
  /** Values to find sessions by, computed from their data at each save: `{ accountId: data => data.account?.id }`. `userId` is always there. */
  readonly index?: Readonly<Record<string, (data: DeepReadonly<Partial<Data>>) => string | null | undefined>>
  /** Checks what comes back from the store and what goes in: a zod, valibot or arktype schema. Its output is the data's type. */
  readonly schema?: StandardSchema<Data>
  /** Writes the data in place of JSON, to keep Date, Map, Set and BigInt: the module `devalue`. */
  readonly codec?: DataCodec
  /** The time in ms since 1970. For tests: `fakeClock`. @default Date.now */
  readonly clock?: () => number
  /** Gets what is not an error but worth knowing: garbage from clients, ended sessions. @default warns of corrupt records and failed late saves */
  readonly onEvent?: (event: SessionEvent) => void
}

/** The options with every default in place and every check passed. */
export interface SessionSettings extends Transports {
  /** The cookie name if the program chose one: sessions under two names may share a store, and stay apart. */
  readonly scope: string
  readonly expiry: ExpiryPolicy
  readonly deadlineMs: number
  readonly index: Readonly<Record<string, (data: never) => string | null | undefined>>
  readonly schema: StandardSchema<object> | undefined
  readonly codec: DataCodec | undefined
  readonly format: RecordFormat
  readonly now: () => number
  readonly report: (event: SessionEvent) => void
}

const presets = {
  aal1: { idle: '14d', absolute: '30d' },
  aal2: { idle: '1h', absolute: '24h' },
  aal3: { idle: '15m', absolute: '12h' },
} as const

const known = `store engine cookie transport preset idleTimeout absoluteTimeout storeDeadline
  index schema codec clock onEvent`.split(/\s+/)

/** Checks the options and fills in the defaults. Throws at construction, so that bad configuration does not start. */
export function resolveOptions<Data extends object>(options: SessionOptions<Data>): SessionSettings {
  refuseUnknown(options, known, '')
  const cookie = options.cookie ?? {}
  refuseUnknown(cookie, cookieOptionNames, 'cookie.')
  const { index = {}, schema, codec, clock = Date.now, onEvent = reportEvent } = options
  checkFunctions('index', index, Object.keys(index))
  checkFunctions('the options', { clock, onEvent }, ['clock', 'onEvent'])
  if (codec !== undefined) checkFunctions('codec', codec, ['stringify', 'parse'])
  if (schema !== undefined) checkFunctions('schema', schema?.['~standard'], ['validate'])
  if ('userId' in index) throw invalidOption('index.userId', 'is always computed: choose another name')
  return {
    ...transportsOf(options.transport, options.cookie),
    scope: cookie.name ?? '',
    expiry: { ...timeouts(options), persistent: cookie.persistent ?? true },
    deadlineMs: durationMs(options.storeDeadline ?? '2s', 'storeDeadline'),
    index,
    schema,
    codec,
    format: ownFormat,
    now: clock,
    report: safely(onEvent),
  }
}

type TimeoutOptions = Pick<SessionOptions<object>, 'preset' | 'idleTimeout' | 'absoluteTimeout'>

function timeouts({ preset = 'aal1', idleTimeout, absoluteTimeout }: TimeoutOptions): Omit<ExpiryPolicy, 'persistent'> {
  const defaults = presets[preset]
  if (!defaults) throw invalidOption('preset', `is ${JSON.stringify(preset)}, not one of ${Object.keys(presets)}`)
  const absolute = absoluteTimeout ?? defaults.absolute
  const absoluteMs = absolute === 'unlimited' ? Number.POSITIVE_INFINITY : durationMs(absolute, 'absoluteTimeout')
  const idleMs = durationMs(idleTimeout ?? defaults.idle, 'idleTimeout')
  if (idleTimeout && idleMs > absoluteMs) {
    throw invalidOption('idleTimeout', `(${idleTimeout}) is longer than absoluteTimeout (${absolute})`)
  }
  return { idleMs: Math.min(idleMs, absoluteMs), absoluteMs }
}
