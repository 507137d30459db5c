import { KeepsakeError } from '../errors.ts'
import { checkAttributes } from './set-cookie-rules.ts'

/** Where a cookie goes, and who may read it. `Secure`, `HttpOnly` and `SameSite` are never left to the browser's defaults. */
export interface CookieAttributes {
  readonly path: string
  readonly domain?: string | undefined
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly partitioned: boolean
}

/** The attributes of a cookie. Of one that is left out, browsers do what `docs/cookies.md` has a table of. */
export interface SetCookieOptions {
  /** In whole seconds; 0 deletes the cookie. More than 400 days is sent as 400 days, which is what browsers keep. */
  readonly maxAge?: number | undefined
  /** The moment at which the cookie ends. Where both are given, browsers go by `maxAge`. */
  readonly expires?: Date | undefined
  /** Sends the cookie to every subdomain of this domain, also to those that you do not control. */
  readonly domain?: string | undefined
  /** Sends the cookie to these paths only: a convenience, no protection. */
  readonly path?: string | undefined
  /** Over https only, and over http to localhost. */
  readonly secure?: boolean | undefined
  /** Out of reach of the page's scripts. */
  readonly httpOnly?: boolean | undefined
  /** Which requests from other sites carry the cookie: top-level links, none, or all. */
  readonly sameSite?: 'lax' | 'strict' | 'none' | undefined
  /** A separate cookie for each site that embeds this one (CHIPS). Needs `secure`. */
  readonly partitioned?: boolean | undefined
  /** Which cookies Chromium drops last when a site has too many. */
  readonly priority?: 'low' | 'medium' | 'high' | undefined
}

/** What browsers keep of a cookie's life, in seconds: 400 days (RFC 6265bis section 5.5). */
export const longestMaxAge = 34_560_000

/** RFC 6265bis section 5.6: browsers drop a cookie whose name and value are longer. */
const maxBytes = 4096

/** RFC 9110 section 5.6.2. Runtimes let more pass, such as a comma, at which old parsers split, or `é`. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** RFC 6265 section 4.1.1: no control character, space, double quote, comma, semicolon, backslash; nothing beyond ASCII. */
const octets = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/

/**
 * The value of a `Set-Cookie` header, with exactly the attributes that are given. Throws `COOKIE_INVALID` for what the
 * grammar forbids and for what a browser would silently drop or cut: nothing is stripped, encoded or passed on as it is
 * (CVE-2024-47764).
 *
 * @example
 * stringifySetCookie('theme', 'dark', { path: '/', secure: true, sameSite: 'lax', maxAge: 31_536_000 })
 */
export function stringifySetCookie(name: string, value: string, options: SetCookieOptions = {}): string {
  checkName(name)
  checkAttributes(name, options)
  checkValue(name, value)
  const { maxAge } = options
  return `${name}=${value}${maxAge === undefined ? '' : maxAgeText(name, maxAge)}${attributesText(options)}`
}

/**
 * Writes the lines of one cookie: name and attributes are checked here, once, and each line is then put together from the
 * value and `maxAge`, in whole seconds, or null for a cookie that ends with the browser.
 */
export function cookieWriter(
  name: string,
  attributes: SetCookieOptions,
): (value: string, maxAge: number | null) => string {
  checkName(name)
  checkAttributes(name, attributes)
  const before = `${name}=`
  const after = attributesText(attributes)
  return (value, maxAge) => {
    checkValue(name, value)
    return before + value + (maxAge === null ? '' : maxAgeText(name, maxAge)) + after
  }
}

function checkName(name: string): void {
  if (typeof name !== 'string' || !token.test(name)) {
    throw invalid(`the name ${JSON.stringify(name)} is not a token (RFC 9110 section 5.6.2)`)
  }
}

/** The value may be a secret: the message has its length, or where the character stands and which it is. */
function checkValue(name: string, value: string): void {
  if (typeof value !== 'string') throw invalid(`the value of ${name} is of type ${typeof value}, not a text`)
  if (!octets.test(value)) {
    const at = Array.from(value).findIndex(character => !octets.test(character))
    const code = Array.from(value)[at]?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')
    throw invalid(
      `the value of ${name} has U+${code} at ${at}, which a cookie cannot hold: encode it, for example with encodeURIComponent`,
    )
  }
  const bytes = name.length + value.length
  if (bytes > maxBytes) {
    throw invalid(`${name} and its value are ${bytes} bytes long, and browsers drop more than ${maxBytes}`)
  }
}

function maxAgeText(name: string, maxAge: number): string {
  if (!Number.isInteger(maxAge) || maxAge < 0) {
    throw invalid(`maxAge of ${name} is ${maxAge}, not a whole number of seconds from 0 (which deletes the cookie)`)
  }
  return `; Max-Age=${Math.min(maxAge, longestMaxAge)}`
}

const sameSiteText = { lax: 'Lax', strict: 'Strict', none: 'None' } as const
const priorityText = { low: 'Low', medium: 'Medium', high: 'High' } as const

/** All but `Max-Age`, which differs from one line of a cookie to the next. */
function attributesText(options: SetCookieOptions): string {
  const { domain, path, expires, httpOnly, secure, partitioned, priority, sameSite } = options
  let text = domain === undefined ? '' : `; Domain=${withoutDot(domain)}`
  if (path !== undefined) text += `; Path=${path}`
  if (expires) text += `; Expires=${expires.toUTCString()}`
  if (httpOnly) text += '; HttpOnly'
  if (secure) text += '; Secure'
  if (partitioned) text += '; Partitioned'
  if (priority) text += `; Priority=${priorityText[priority]}`
  if (sameSite) text += `; SameSite=${sameSiteText[sameSite]}`
  return text
}

/** Browsers ignore the dot that was once needed (RFC 6265 section 5.2.3). */
function withoutDot(domain: string): string {
  return domain.startsWith('.') ? domain.slice(1) : domain
}

function invalid(detail: string): KeepsakeError {
  return new KeepsakeError('COOKIE_INVALID', detail)
}
