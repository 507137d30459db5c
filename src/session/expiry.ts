/** What `setExpiry` chose for one session; none means the program's defaults. */
export type ExpiryChoice =
  | { readonly type: 'browser' }
  /** Another idle timeout, in ms: slides with use, as the default does. */
  | { readonly type: 'idle'; readonly ms: number }
  /** A fixed end, in ms since 1970, whatever the use. */
  | { readonly type: 'at'; readonly ms: number }

/** The times from which a session's end follows, in ms since 1970. */
export interface SessionTimes {
  readonly created: number
  /** The last renewal. Behind the last use by at most a tenth of the idle timeout, so that reading does not write. */
  readonly seen: number
  readonly expiry?: ExpiryChoice | undefined
}

/** How long sessions last, in ms. `absoluteMs` may be Infinity. */
export interface ExpiryPolicy {
  readonly idleMs: number
  readonly absoluteMs: number
  /** Whether cookies outlive the browser, unless a session chose otherwise. */
  readonly persistent: boolean
}

/** When a session ends: after its idle timeout or at its chosen date, but never later than the absolute timeout allows. */
export function expiresAt({ created, seen, expiry }: SessionTimes, policy: ExpiryPolicy): number {
  const idleEnd = expiry?.type === 'at' ? expiry.ms : seen + idleMs(expiry, policy)
  return Math.min(idleEnd, created + policy.absoluteMs, latestDate)
}

/**
 * Whether a session is over. Both what the record was stored with and what today's policy says must be ahead: a timeout
 * that a deploy shortened holds for the sessions that began before it.
 */
export function isExpired(times: SessionTimes, storedEnd: number, policy: ExpiryPolicy, now: number): boolean {
  return now >= storedEnd || now >= expiresAt(times, policy)
}

/** Whether renewing now would move the end by at least a tenth of the idle timeout: less is not worth a write. */
export function renewalDue(times: SessionTimes, storedEnd: number, policy: ExpiryPolicy, now: number): boolean {
  const { created, expiry } = times
  return expiresAt({ created, seen: now, expiry }, policy) - storedEnd >= idleMs(expiry, policy) / 10
}

/** The cookie's Max-Age in whole seconds: the time left, so that the browser forgets when the server does; null: when it closes. */
export function cookieMaxAge(times: SessionTimes, policy: ExpiryPolicy, now: number): number | null {
  const persistent = times.expiry ? times.expiry.type !== 'browser' : policy.persistent
  return persistent ? Math.max(0, Math.ceil((expiresAt(times, policy) - now) / 1000)) : null
}

/** The last moment a Date can hold, so that an unlimited end is still a date. */
const latestDate = 8.64e15

const idleMs = (expiry: ExpiryChoice | undefined, policy: ExpiryPolicy): number =>
  expiry?.type === 'idle' ? expiry.ms : policy.idleMs
