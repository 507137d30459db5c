import { PythonFloat, type PythonValue } from './python-value.ts'

/** The key under which a session keeps its own expiry. */
export const expiryKey = '_session_expiry'

/** The settings and the moment that an expiry is computed from. */
export interface ExpirySettings {
  /** `SESSION_COOKIE_AGE`, in seconds. @default 1209600, 14 days */
  readonly cookieAge?: number
  /** `SESSION_EXPIRE_AT_BROWSER_CLOSE`. @default false */
  readonly expireAtBrowserClose?: boolean
  /** When the session was saved, in ms since 1970. */
  readonly savedAt: number
}

/** When a session ends. */
export interface DjangoExpiry {
  /** `get_expiry_age()`, in seconds; negative if it is over. */
  readonly age: number
  /** `get_expiry_date()`, in microseconds since 1970: Python's datetimes have six digits. */
  readonly endsAt: number
  /** `get_expire_at_browser_close()`: the cookie has no Max-Age. */
  readonly withBrowser: boolean
}

/** What `_session_expiry` says: seconds since the session was saved, a moment in microseconds since 1970, or none of its own. */
export type StoredExpiry =
  | { readonly type: 'none' }
  | { readonly type: 'seconds'; readonly seconds: number }
  | { readonly type: 'at'; readonly microseconds: number }

/** Null for what Django fails of. Text without a zone is UTC. */
export function readExpiry(stored: PythonValue | undefined): StoredExpiry | null {
  const value = stored instanceof PythonFloat ? stored.value : (stored ?? null)
  if (value === null) return { type: 'none' }
  // Python counts with True and False.
  if (typeof value === 'number' || typeof value === 'boolean') return { type: 'seconds', seconds: Number(value) }
  const microseconds = typeof value === 'string' ? isoMicroseconds(value) : undefined
  return microseconds === undefined ? null : { type: 'at', microseconds }
}

/** When a session ends that holds `stored` under `_session_expiry`. Null if Django fails of it. */
export function djangoExpiry(stored: PythonValue | undefined, settings: ExpirySettings): DjangoExpiry | null {
  const { cookieAge = 1_209_600, expireAtBrowserClose = false, savedAt } = settings
  const expiry = readExpiry(stored)
  const from = Math.round(savedAt * 1000)
  if (expiry === null) return null
  if (expiry.type === 'at') {
    const endsAt = expiry.microseconds
    return { age: Math.floor((endsAt - from) / 1e6), endsAt, withBrowser: false }
  }
  const seconds = expiry.type === 'none' ? 0 : expiry.seconds
  const age = seconds === 0 ? cookieAge : seconds
  const endsAt = from + Math.round(age * 1e6)
  const withBrowser = expiry.type === 'none' ? expireAtBrowserClose : seconds === 0
  return Math.abs(endsAt) < latest ? { age, endsAt, withBrowser } : null
}

/** Python's dates end with the year 9999; in microseconds since 1970. */
export const latest: number = Date.UTC(10_000, 0) * 1000

const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:([+-])(\d\d):(\d\d)(?::(\d\d))?|Z)?$/

/** Microseconds since 1970 of a date as `datetime.isoformat()` writes it; undefined if the text is none. */
export function isoMicroseconds(text: string): number | undefined {
  const [match, day, time, fraction = '', sign, hours = '0', minutes = '0', seconds = '0'] = iso.exec(text) ?? []
  const ms = Date.parse(`${day}T${time}Z`)
  // JavaScript takes 30 February for 2 March, and 24:00 for the next day.
  if (!match || Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== `${day}T${time}`) return undefined
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
  return ms * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0')) - (sign === '-' ? -offset : offset) * 1e6
}

/** A moment as `datetime.isoformat()` writes it in UTC, for `_session_expiry`: no fraction if there is none. */
export function isoText(microseconds: number): string {
  return `${dateTime(microseconds, 'T')}+00:00`
}

/** A moment as Django writes it to SQLite's column `expire_date`, in UTC (`USE_TZ`). */
export function sqliteDate(microseconds: number): string {
  return dateTime(microseconds, ' ')
}

function dateTime(microseconds: number, between: string): string {
  const seconds = Math.floor(microseconds / 1e6)
  const rest = microseconds - seconds * 1e6
  const [day, time] = new Date(seconds * 1000).toISOString().slice(0, 19).split('T')
  return `${day}${between}${time}${rest === 0 ? '' : `.${String(rest).padStart(6, '0')}`}`
}
