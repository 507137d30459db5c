import { KeepsakeError } from '../errors.ts'
import { type CookieAttributes, cookieWriter } from './set-cookie.ts'

/** The cookie that carries the session. It is always `HttpOnly`: no script of a page has business with it. */
export interface SessionCookieOptions {
  /**
   * The cookie's name.
   * @default '__Host-session'; '__Secure-session' with `domain` or another `path`; 'session' without Secure
   */
  readonly name?: string
  /** The paths that get the cookie. @default '/' */
  readonly path?: string
  /** Shares the session with every subdomain of this domain, also with those that you do not control. @default this host only */
  readonly domain?: string
  /**
   * False lets the cookie travel over plain http, for development, and is refused when NODE_ENV is production.
   * A production site that has no https spells it `'never'`. @default true
   */
  readonly secure?: boolean | 'never'
  /** Which requests from other sites carry the cookie: top-level links, none, or all. @default 'lax' */
  readonly sameSite?: 'lax' | 'strict' | 'none'
  /** A separate cookie for each site that embeds this one (CHIPS). Needs Secure. @default false */
  readonly partitioned?: boolean
  /** Whether the cookie outlives the browser. A single session chooses with `setExpiry`. @default true */
  readonly persistent?: boolean
}

export const cookieOptionNames: readonly (keyof SessionCookieOptions)[] = [
  ...(['name', 'path', 'domain', 'secure', 'sameSite', 'partitioned', 'persistent'] as const),
]

/** The cookie's name and attributes, with every default in place. Throws for what contradicts itself or is unsafe. */
export function resolveCookie(cookie: SessionCookieOptions): {
  cookieName: string
  cookieAttributes: CookieAttributes
  cookieLine: ReturnType<typeof cookieWriter>
} {
  const cookieAttributes = attributesOf(cookie)
  const cookieName = cookie.name ?? defaultName(cookieAttributes)
  return { cookieName, cookieAttributes, cookieLine: cookieWriter(cookieName, cookieAttributes) }
}

function attributesOf(cookie: SessionCookieOptions): CookieAttributes {
  const { path = '/', domain, secure = true, sameSite = 'lax', partitioned = false } = cookie
  // A program without types may say 'auto' or 1: what is not one of these would else be a cookie that nobody meant.
  checkOneOf('secure', secure, [true, false, 'never'])
  checkOneOf('sameSite', sameSite, ['lax', 'strict', 'none'])
  if (typeof path !== 'string' || !path.startsWith('/')) {
    throw new KeepsakeError('COOKIE_INVALID', `cookie.path is ${JSON.stringify(path)}, which does not begin with /`)
  }
  if (secure === false && globalThis.process?.env.NODE_ENV === 'production') {
    throw new KeepsakeError('COOKIE_INSECURE', 'cookie.secure is false')
  }
  return { path, domain, secure: secure === true, httpOnly: true, sameSite, partitioned }
}

function checkOneOf(option: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return
  const list = allowed.map(item => JSON.stringify(item)).join(', ')
  throw new KeepsakeError('COOKIE_INVALID', `cookie.${option} is ${JSON.stringify(value)}, not one of ${list}`)
}

/** The strictest prefix that the attributes allow: it makes the browser refuse what a sibling domain or plain http plants. */
function defaultName({ secure, path, domain }: CookieAttributes): string {
  if (!secure) return 'session'
  return path === '/' && !domain ? '__Host-session' : '__Secure-session'
}
