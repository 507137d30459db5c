/** Where a redirect may lead. */
export interface SafeNextOptions {
  /** Hosts beside the site's own pages, as in `Host`, port included: usually the request's own. @default none */
  readonly allowedHosts?: readonly string[]
  /** Refuses plain http, for a request that came by https. @default false */
  readonly requireHttps?: boolean
}

/**
 * Whether a redirect to `url`, which a client supplied (`?next=`), stays on this site: a path, or one of the allowed hosts.
 * Browsers read much as a host that is not written as one; what is not plainly safe is refused (CWE-601). Never throws.
 * Matches `django.utils.http.url_has_allowed_host_and_scheme` of Django 5.2, byte for byte.
 *
 * @example
 * const to = isSafeNext(next, { allowedHosts: [host], requireHttps: true }) ? next : '/'
 */
export function isSafeNext(url: string | null | undefined, options: SafeNextOptions = {}): boolean {
  if (typeof url !== 'string') return false
  const stripped = pythonStrip(url)
  // Chrome takes a backslash for a slash in a path, but it may also be part of a user name: both readings must be safe.
  return stripped !== '' && isSafe(stripped, options) && isSafe(stripped.replaceAll('\\', '/'), options)
}

const space = '[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const leadingSpace = new RegExp(`^${space}+`)
const isSpace = new RegExp(space)

/** Text without the space around it, as Python's `str.strip()`: JavaScript's `trim` differs in both directions. */
export function pythonStrip(text: string): string {
  const start = text.replace(leadingSpace, '')
  let end = start.length
  while (end > 0 && isSpace.test(start[end - 1] ?? '')) end--
  return start.slice(0, end)
}

const longestUrl = 2048

function isSafe(url: string, { allowedHosts = [], requireHttps = false }: SafeNextOptions): boolean {
  // Chrome takes three slashes, and more, for a host.
  if (url.startsWith('///') || isTooLong(url)) return false
  const parts = splitUrl(url)
  // `http:///example.com` has no host by the standard, and has one in Chrome; a control character may be skipped.
  if (!parts || (parts.scheme && !parts.netloc) || /^\p{C}/u.test(url)) return false
  const scheme = parts.scheme || (parts.netloc && 'http')
  const schemes = requireHttps ? ['https'] : ['http', 'https']
  return (!parts.netloc || allowedHosts.includes(parts.netloc)) && (!scheme || schemes.includes(scheme))
}

/** Python counts code points, of two units at most. */
function isTooLong(url: string): boolean {
  return url.length > 2 * longestUrl || [...url].length > longestUrl
}

/** A URL in its parts; `rest` is path, query and fragment. */
export interface SplitUrl {
  readonly scheme: string
  readonly netloc: string
  readonly rest: string
}

/** A URL as Python's `urllib.parse.urlsplit` splits it; null if its host is in half a pair of brackets. */
export function splitUrl(url: string): SplitUrl | null {
  const clean = url.replace(/^[\0- ]+/, '').replace(/[\t\r\n]/g, '')
  const [prefix = '', name = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(clean) ?? []
  const rest = clean.slice(prefix.length)
  const netloc = /^\/\/([^/?#]*)/.exec(rest)?.[1] ?? ''
  if (netloc.includes('[') !== netloc.includes(']')) return null
  return { scheme: name.toLowerCase(), netloc, rest: rest.startsWith('//') ? rest.slice(2 + netloc.length) : rest }
}
