import { longestMaxAge, type SetCookieOptions } from './set-cookie.ts'

/** How far the clocks of two servers may be apart, in seconds. */
const skew = 60

/**
 * A text with the moment at which it was set, and its end if it has one, both in seconds since 1970: what a signature or a
 * seal covers, so that a browser that keeps a cookie longer gains nothing.
 */
export function stamped(text: string, now: number, { maxAge, expires }: SetCookieOptions): string {
  const set = Math.floor(now / 1000)
  const end = maxAge === undefined ? endOf(expires) : set + maxAge
  return `${set}.${end === undefined ? '' : Math.min(end, set + longestMaxAge)}.${text}`
}

/** What is no date is refused where the cookie is written. */
function endOf(expires: unknown): number | undefined {
  return expires instanceof Date ? Math.ceil(expires.getTime() / 1000) : undefined
}

/** The text; undefined if its end has come, or if it was set more than `maxAge` seconds ago, or in the future. */
export function readStamped(
  stampedText: string,
  now: number,
  maxAge: number = Number.POSITIVE_INFINITY,
): string | undefined {
  const [, set = '', end, text] = /^(\d+)\.(-?\d*)\.(.*)$/s.exec(stampedText) ?? []
  const age = now / 1000 - Number(set)
  if (text === undefined || Math.floor(age) > maxAge || age < -skew) return undefined
  return end && now / 1000 > Number(end) ? undefined : text
}
