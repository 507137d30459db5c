/** A time, in seconds since 1970, as HTTP writes it. Matches `django.utils.http.http_date`. */
export function httpDate(seconds: number): string {
  return new Date(Math.trunc(seconds) * 1000).toUTCString()
}
