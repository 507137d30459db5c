/** The query of a request's target. A target is the client's text, and need not be part of any URL: it has no query then. */
export function queryOf(target: string): URLSearchParams {
  return URL.parse(target, 'http://localhost')?.searchParams ?? new URLSearchParams()
}
