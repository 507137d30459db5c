import { KeepsakeError } from '../../errors.ts'

/** A request, in plain values, and whom the site trusts. */
export interface OriginCheck {
  /** The method as it was sent. Where a form field or a header may override it, check the one that will be acted on too. */
  readonly method: string
  /** A request header by its lower-case name. */
  readonly header: (name: 'sec-fetch-site' | 'origin' | 'referer') => string | null | undefined
  /** The site's own origins, exactly: `https://app.example.com`, with a port if it is not the scheme's own. */
  readonly ownOrigins: readonly string[]
  /** Other origins whose pages may act here. @default none */
  readonly trustedOrigins?: readonly string[] | undefined
  /** Whether every other host of the same registrable domain may, too. @default false */
  readonly trustSameSite?: boolean | undefined
}

/** Whether a request may change something. The reason is for logs, not for the client. */
export type OriginVerdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: OriginRefusal }

export type OriginRefusal =
  /** `Sec-Fetch-Site: cross-site`: a page of another site sent it. */
  | 'cross-site'
  /** `Sec-Fetch-Site: same-site`: a page of a sibling host sent it. */
  | 'same-site'
  /** `Origin` is none of the site's own, or `null`. */
  | 'foreign-origin'
  /** `Referer` is on none of the site's own origins. */
  | 'foreign-referer'
  /** The browser said nothing of where the request came from. */
  | 'no-origin'

const allowed: OriginVerdict = { allowed: true }
/** Methods that change nothing (RFC 9110, 9.2.1), in the one spelling that they have. */
const safeMethods = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

/**
 * Whether a request comes from a page that may act for the visitor (cross-site request forgery, CWE-352). The first of these
 * decides that the request has: a safe method; an `Origin` that is trusted; `Sec-Fetch-Site`, which pages cannot set and which
 * every browser since 2023 sends over https; `Origin`; `Referer`. A request with none of them is refused.
 *
 * A value that a browser never sends counts as absent, or as foreign: whichever is stricter. Never throws.
 *
 * @example
 * const verdict = checkOrigin({ method, header: name => request.headers.get(name), ownOrigins: ['https://app.example.com'] })
 */
export function checkOrigin(check: OriginCheck): OriginVerdict {
  const { method, header, ownOrigins, trustedOrigins = [], trustSameSite = false } = check
  if (safeMethods.includes(method)) return allowed
  const origin = header('origin')
  if (typeof origin === 'string' && isListed(trustedOrigins, origin)) return allowed
  const site = header('sec-fetch-site')
  if (site === 'same-origin' || site === 'none' || (site === 'same-site' && trustSameSite)) return allowed
  if (site === 'same-site' || site === 'cross-site') return refused(site)
  if (typeof origin === 'string') return isListed(ownOrigins, origin) ? allowed : refused('foreign-origin')
  const referer = header('referer')
  if (typeof referer !== 'string' || referer === '') return refused('no-origin')
  const page = originOf(referer)
  return isListed([...ownOrigins, ...trustedOrigins], page) ? allowed : refused('foreign-referer')
}

/**
 * The same list. Throws `OPTION_INVALID` for what is not spelled as browsers spell an origin, since it would never match, and
 * for `null`, which any page in a sandbox has. There are no patterns.
 */
export function checkedOrigins(option: string, origins: readonly string[]): readonly string[] {
  const wrong = origins.find(origin => origin === 'null' || origin.includes('*') || originOf(origin) !== origin)
  if (wrong === undefined) return origins
  const remedy = 'write scheme, host and, if it is not the default, port, and nothing else: https://app.example.com'
  throw new KeepsakeError('OPTION_INVALID', `${option} has ${JSON.stringify(wrong)}, which is no origin: ${remedy}`)
}

function isListed(origins: readonly string[], origin: string): boolean {
  return origin !== 'null' && origins.includes(origin)
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? 'null'
}

function refused(reason: OriginRefusal): OriginVerdict {
  return { allowed: false, reason }
}
