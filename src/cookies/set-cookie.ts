import { stringifySetCookie as stringify } from 'cookie'
import { KeepsakeError } from '../errors.ts'

/** Where a cookie goes, and who may read it. `Secure`, `HttpOnly` and `SameSite` are never left to the browser's defaults. */
export interface CookieAttributes {
  readonly path: string
  readonly domain?: string | undefined
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly partitioned: boolean
}

/** RFC 9110 section 5.6.2. The package `cookie` lets more pass, such as a comma, at which old parsers split. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** What each prefix promises a browser (RFC 6265bis section 4.1.3). Browsers compare prefixes without regard to case. */
const prefixes: readonly {
  prefix: string
  needs: string
  holds: (attributes: CookieAttributes) => boolean
}[] = [
  {
    prefix: '__host-http-',
    needs: 'Secure, HttpOnly, Path=/ and no Domain',
    holds: a => a.httpOnly && isHostOnly(a),
  },
  { prefix: '__host-', needs: 'Secure, Path=/ and no Domain', holds: isHostOnly },
  { prefix: '__http-', needs: 'Secure and HttpOnly', holds: a => a.secure && a.httpOnly },
  { prefix: '__secure-', needs: 'Secure', holds: a => a.secure },
]

/**
 * The value of a `Set-Cookie` header. `maxAge` is in seconds, or null for a cookie that ends with the browser.
 * Throws `COOKIE_INVALID` for what the grammar forbids, and for what a browser would silently drop.
 */
export function stringifySetCookie(
  name: string,
  value: string,
  attributes: CookieAttributes,
  maxAge: number | null,
): string {
  if (!token.test(name)) throw contradiction(`the name ${JSON.stringify(name)} is not a token (RFC 9110 section 5.6.2)`)
  checkAttributes(name, attributes)
  const { domain, ...rest } = attributes
  try {
    return stringify({ name, value, ...rest, ...(domain && { domain }), ...(maxAge !== null && { maxAge }) })
  } catch (cause) {
    throw new KeepsakeError('COOKIE_INVALID', cause instanceof Error ? cause.message : String(cause), {
      cause,
    })
  }
}

function checkAttributes(name: string, attributes: CookieAttributes): void {
  const rule = prefixes.find(({ prefix }) => name.toLowerCase().startsWith(prefix))
  if (rule && !rule.holds(attributes)) throw contradiction(`the name ${name} promises ${rule.needs}`)
  if (attributes.secure) return
  if (attributes.sameSite === 'none') throw contradiction("sameSite is 'none' without Secure, which browsers drop")
  if (attributes.partitioned) throw contradiction('partitioned is true without Secure, which browsers drop')
}

function isHostOnly({ secure, path, domain }: CookieAttributes): boolean {
  return secure && path === '/' && !domain
}

function contradiction(detail: string): KeepsakeError {
  return new KeepsakeError('COOKIE_INVALID', detail)
}
