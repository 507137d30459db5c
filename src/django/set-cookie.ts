import { KeepsakeError } from '../errors.ts'
import { httpDate } from './http-date.ts'

/** The arguments of Django's `set_cookie`. */
export interface DjangoCookieOptions {
  /** In seconds; a fraction is cut off. */
  readonly maxAge?: number | undefined
  /** A Date becomes a Max-Age; text is passed on as it is. */
  readonly expires?: Date | string | undefined
  /** Null: no Path. @default '/' */
  readonly path?: string | null
  readonly domain?: string | undefined
  readonly secure?: boolean
  readonly httpOnly?: boolean
  /** Written as it is given. */
  readonly sameSite?: string | undefined
  /** The time in ms since 1970. @default Date.now() */
  readonly now?: number
}

/**
 * A `Set-Cookie` line as Django writes it, attribute by attribute. Throws `COOKIE_INVALID` for what Django raises errors
 * of. Matches `HttpResponse.set_cookie` and Python's `http.cookies.Morsel.OutputString`.
 */
export function djangoSetCookie(name: string, value: string, options: DjangoCookieOptions = {}): string {
  checkName(name)
  checkSameSite(options.sameSite)
  const { maxAge, expires } = lifetime(options)
  const { path = '/', domain, secure, httpOnly, sameSite } = options
  // In the order of Python's names for them.
  const attributes = [
    ...attribute('Domain', domain),
    ...attribute('expires', expires),
    ...(httpOnly ? ['HttpOnly'] : []),
    ...attribute('Max-Age', maxAge === undefined ? undefined : String(maxAge)),
    ...attribute('Path', path ?? undefined),
    ...attribute('SameSite', sameSite),
    ...(secure ? ['Secure'] : []),
  ]
  return [`${name}=${quote(value)}`, ...attributes].join('; ')
}

/** The line that removes a cookie. Matches `HttpResponse.delete_cookie`. */
export function djangoDeleteCookie(
  name: string,
  { path, domain, sameSite }: Pick<DjangoCookieOptions, 'path' | 'domain' | 'sameSite'> = {},
): string {
  const secure = /^__(Secure|Host)-/.test(name) || sameSite?.toLowerCase() === 'none'
  const expires = 'Thu, 01 Jan 1970 00:00:00 GMT'
  return djangoSetCookie(name, '', {
    path: path === undefined ? '/' : path,
    domain,
    sameSite,
    secure,
    expires,
    maxAge: 0,
  })
}

function lifetime({ maxAge, expires, now = Date.now() }: DjangoCookieOptions): { maxAge?: number; expires?: string } {
  if (expires instanceof Date) {
    if (maxAge !== undefined) throw invalid("'expires' and 'max_age' can't be used together")
    // Django adds a second, so that rounding down does not cost one.
    return lifetime({ maxAge: Math.max(0, Math.floor((expires.getTime() - now) / 1000 + 1)), now })
  }
  if (maxAge === undefined) return expires ? { expires } : {}
  return { maxAge: Math.trunc(maxAge), expires: expires || httpDate(now / 1000 + maxAge) }
}

function attribute(name: string, value: string | undefined): string[] {
  return value ? [`${name}=${value}`] : []
}

const token = /^[A-Za-z0-9!#$%&'*+\-.^_`|~:]+$/
const reserved = ['expires', 'path', 'comment', 'domain', 'max-age', 'secure', 'httponly', 'version', 'samesite']

function checkName(name: string): void {
  if (reserved.includes(name.toLowerCase())) throw invalid(`the name ${name} is reserved`)
  if (!token.test(name)) throw invalid(`the name ${JSON.stringify(name)} is not a token`)
}

function checkSameSite(sameSite: string | undefined): void {
  if (sameSite && !['lax', 'none', 'strict'].includes(sameSite.toLowerCase())) {
    throw invalid(`sameSite is ${JSON.stringify(sameSite)}, not 'lax', 'none' or 'strict'`)
  }
}

/** Characters up to U+00FF that are not themselves between quotes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
const special = /[\0-\x1f",;\\\x7f-\xff]/g

function quote(value: string): string {
  return token.test(value) ? value : `"${value.replace(special, escapeCharacter)}"`
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`
}

function invalid(what: string): KeepsakeError {
  return new KeepsakeError('COOKIE_INVALID', what)
}
