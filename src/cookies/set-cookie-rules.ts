import { KeepsakeError } from '../errors.ts'
import type { SetCookieOptions } from './set-cookie.ts'

/** RFC 6265bis section 5.6: browsers ignore an attribute whose value is longer. */
const maxAttributeBytes = 1024

/** RFC 6265 section 4.1.1 (any character but a control character or `;`), from `/` on: browsers take another as no path. */
const pathValue = /^\/[\x20-\x3a\x3c-\x7e]*$/

/** RFC 1123 section 2.1, with the dot in front that RFC 2109 asked for. No port, no wildcard, no dot at the end. */
const domainValue = /^\.?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i

const kinds: Readonly<Record<keyof SetCookieOptions, (value: unknown) => string | undefined>> = {
  // A number is checked where it is written.
  maxAge: value => (typeof value === 'number' ? undefined : 'not a number of seconds'),
  expires: value => (isDate(value) ? undefined : 'not a valid Date between the years 1601 and 9999'),
  domain: value =>
    isText(value, domainValue) ? undefined : 'not the name of a host (no port, no wildcard; other letters as punycode)',
  path: value =>
    isText(value, pathValue)
      ? undefined
      : 'not a path: it begins with / and has ASCII without ; and control characters',
  secure: isFlag,
  httpOnly: isFlag,
  partitioned: isFlag,
  sameSite: value => oneOf(value, ['lax', 'strict', 'none']),
  priority: value => oneOf(value, ['low', 'medium', 'high']),
}

/** What each prefix promises a browser (RFC 6265bis section 4.1.3). Browsers compare prefixes without regard to case. */
const prefixes: readonly { prefix: string; needs: string; holds: (options: SetCookieOptions) => boolean }[] = [
  {
    prefix: '__host-http-',
    needs: 'Secure, HttpOnly, Path=/ and no Domain',
    holds: options => options.httpOnly === true && isHostOnly(options),
  },
  { prefix: '__host-', needs: 'Secure, Path=/ and no Domain', holds: isHostOnly },
  {
    prefix: '__http-',
    needs: 'Secure and HttpOnly',
    holds: ({ secure, httpOnly }) => secure === true && httpOnly === true,
  },
  { prefix: '__secure-', needs: 'Secure', holds: ({ secure }) => secure === true },
]

/** Throws `COOKIE_INVALID` for attributes that break the grammar, contradict each other, or make a cookie that browsers drop. */
export function checkAttributes(name: string, options: SetCookieOptions): void {
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(kinds, option)) {
      throw invalid(name, `${option} is not an option; the options are ${Object.keys(kinds).join(', ')}`)
    }
    const wrong = value === undefined ? undefined : kinds[option as keyof SetCookieOptions](value)
    if (wrong) throw invalid(name, `${option} is ${shown(value)}, ${wrong}`)
  }
  checkTogether(name, options)
}

function checkTogether(name: string, options: SetCookieOptions): void {
  const rule = prefixes.find(({ prefix }) => name.toLowerCase().startsWith(prefix))
  if (rule && !rule.holds(options)) throw invalid(name, `the name promises ${rule.needs}`)
  if (options.secure) return
  if (options.sameSite === 'none') throw invalid(name, "sameSite is 'none' without Secure, which browsers drop")
  if (options.partitioned) throw invalid(name, 'partitioned is true without Secure, which browsers drop')
}

/** Whether no other host can set or get a cookie with these attributes. */
function isHostOnly({ secure, path, domain }: SetCookieOptions): boolean {
  return secure === true && path === '/' && domain === undefined
}

function isText(value: unknown, grammar: RegExp): boolean {
  return typeof value === 'string' && value.length <= maxAttributeBytes && grammar.test(value)
}

function isDate(value: unknown): boolean {
  return value instanceof Date && value.getUTCFullYear() >= 1601 && value.getUTCFullYear() <= 9999
}

function isFlag(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : 'neither true nor false'
}

function oneOf(value: unknown, allowed: readonly string[]): string | undefined {
  return allowed.includes(String(value)) ? undefined : `not one of ${allowed.join(', ')}`
}

/** As a program would write it, and no longer than what helps. */
function shown(value: unknown): string {
  const text = value instanceof Date ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length > 80 ? `${text.slice(0, 80)}… (${text.length} characters)` : text
}

function invalid(name: string, detail: string): KeepsakeError {
  return new KeepsakeError('COOKIE_INVALID', `of the cookie ${name}, ${detail}`)
}
