import { splitUrl } from '../auth/safe-next.ts'
import { csrfTokenFault, csrfTokenMatches } from './csrf-token.ts'

/** What of a request decides whether it is forged. Absent is undefined, which is not the same as empty. */
export interface CsrfRequest {
  readonly method: string
  /** `Host`, as far as the site answers to it. */
  readonly host?: string | undefined
  readonly secure?: boolean
  /** The cookie `csrftoken`; with `CSRF_USE_SESSIONS`, the session's `_csrftoken`. */
  readonly secret?: string | undefined
  /** The form's field `csrfmiddlewaretoken`, of a POST. */
  readonly formToken?: string | undefined
  /** The header `X-CSRFToken`. */
  readonly headerToken?: string | undefined
  readonly origin?: string | undefined
  readonly referer?: string | undefined
}

/** Django's settings for the check. */
export interface CsrfSettings {
  /** `CSRF_TRUSTED_ORIGINS`: `https://*.example.com`. */
  readonly trustedOrigins?: readonly string[]
  /** `CSRF_COOKIE_DOMAIN`, or with `CSRF_USE_SESSIONS` `SESSION_COOKIE_DOMAIN`; with the port, if it is neither 80 nor 443. */
  readonly cookieDomain?: string | undefined
  /** The header's name, for the reason. @default 'X-Csrftoken' */
  readonly headerName?: string
}

const safeMethods = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

/** Why a request is refused, in Django's words, or null. Never throws. Matches `CsrfViewMiddleware.process_view`. */
export function csrfFault(request: CsrfRequest, settings: CsrfSettings = {}): string | null {
  if (safeMethods.includes(request.method.toUpperCase())) return null
  return sourceFault(request, settings) ?? tokenFault(request, settings)
}

function sourceFault(request: CsrfRequest, { trustedOrigins = [], cookieDomain }: CsrfSettings): string | null {
  if (request.origin !== undefined) {
    if (isTrustedOrigin(request.origin, request, trustedOrigins)) return null
    return `Origin checking failed - ${request.origin} does not match any trusted origins.`
  }
  return request.secure ? refererFault(request, trustedOrigins, cookieDomain) : null
}

function isTrustedOrigin(origin: string, { host, secure }: CsrfRequest, trusted: readonly string[]): boolean {
  if (host !== undefined && origin === `${secure ? 'https' : 'http'}://${host}`) return true
  const url = splitUrl(origin)
  return trusted.some(pattern => {
    if (!pattern.includes('*')) return origin === pattern
    const { scheme, netloc = '' } = splitUrl(pattern) ?? {}
    return url !== null && url.scheme === scheme && isSameDomain(url.netloc, withoutStar(netloc))
  })
}

/** Over https, a page of plain http must not post here: whoever sits on the line could have written it. */
function refererFault({ referer, host }: CsrfRequest, trusted: readonly string[], domain?: string): string | null {
  if (referer === undefined) return 'Referer checking failed - no Referer.'
  const url = splitUrl(referer)
  if (!url?.scheme || !url.netloc) return 'Referer checking failed - Referer is malformed.'
  if (url.scheme !== 'https') return 'Referer checking failed - Referer is insecure while host is secure.'
  const hosts = [...trusted.map(origin => withoutStar(splitUrl(origin)?.netloc ?? '')), domain ?? host ?? '']
  if (hosts.some(pattern => isSameDomain(url.netloc, pattern))) return null
  return `Referer checking failed - ${url.scheme}://${url.netloc}${tidied(url.rest)} does not match any trusted origins.`
}

function tokenFault({ method, secret, formToken, headerToken }: CsrfRequest, settings: CsrfSettings): string | null {
  if (secret === undefined) return 'CSRF cookie not set.'
  const secretFault = csrfTokenFault(secret)
  if (secretFault) return `CSRF cookie ${secretFault}.`
  const posted = (method.toUpperCase() === 'POST' && formToken) || undefined
  const token = posted ?? headerToken
  if (token === undefined) return 'CSRF token missing.'
  const source = posted ? 'POST' : `the '${settings.headerName ?? 'X-Csrftoken'}' HTTP header`
  const fault = csrfTokenFault(token) ?? (csrfTokenMatches(token, secret) ? null : 'incorrect')
  return fault && `CSRF token from ${source} ${fault}.`
}

/** `.example.com` matches the domain and all below it. Matches `django.utils.http.is_same_domain`. */
function isSameDomain(host: string, pattern: string): boolean {
  const domain = pattern.toLowerCase()
  if (domain === '') return false
  return host === domain || (domain.startsWith('.') && (host.endsWith(domain) || host === domain.slice(1)))
}

function withoutStar(netloc: string): string {
  return netloc.replace(/^\*+/, '')
}

/** Python's `geturl()` leaves out a mark with nothing behind it. */
function tidied(rest: string): string {
  const [, path = '', query = '', fragment = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(rest) ?? []
  return path + (query === '?' ? '' : query) + (fragment === '#' ? '' : fragment)
}
