import { endOfPair, trimmed } from './read-cookie.ts'

/** A browser keeps 180 cookies of a site at most; what sends more is not one. */
const maxPairs = 256

/**
 * The cookies of a `Cookie` header: name → value, exactly as sent. Nothing is decoded, unquoted or case-folded, and only
 * space and tab are trimmed, since each of those has let one cookie pass for another (CVE-2020-8184, CVE-2023-26049,
 * CVE-2026-39410). What has no `=`, or nothing before it, is left out (CVE-2023-23934).
 *
 * Of a name that is given twice, the first value stays: browsers send the cookie of the longest path first. It is not
 * always the one that your site set: a sibling domain can plant a cookie of any name but those that begin with `__Host-`.
 *
 * Never throws; linear in the length of the header; looks at the first 256 pairs.
 *
 * @example
 * parseCookies('theme=dark; lang=en').get('theme') // 'dark'
 */
export function parseCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>()
  if (!header) return cookies
  let start = 0
  for (let pairs = 0; pairs < maxPairs; ) {
    const equals = header.indexOf('=', start)
    if (equals === -1) break
    const end = endOfPair(header, start)
    if (end < equals) {
      // Segments without one. To look for the next one again after each of them would be quadratic.
      start = header.lastIndexOf(';', equals) + 1
      continue
    }
    const name = trimmed(header, start, equals)
    if (name !== '') {
      pairs++
      if (!cookies.has(name)) cookies.set(name, trimmed(header, equals + 1, end))
    }
    start = end + 1
  }
  return cookies
}
