import { KeepsakeError } from '../errors.ts'

/** A time, in seconds since 1970, as HTTP writes it, without its fraction. Matches `django.utils.http.http_date`. */
export function httpDate(seconds: number): string {
  // Python rounds to microseconds first.
  const date = new Date(Math.floor(Math.round(seconds * 1e6) / 1e6) * 1000)
  const year = date.getUTCFullYear()
  if (!(year >= 1 && year <= 9999))
    throw new KeepsakeError('COOKIE_INVALID', `${seconds} is no time that Python's dates have`)
  return date.toUTCString()
}
