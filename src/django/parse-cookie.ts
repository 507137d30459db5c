import { pythonStrip } from '../auth/safe-next.ts'

/**
 * The cookies of a `Cookie` header as Django reads them: the last of a name wins, quoted values are unquoted, nothing is
 * percent-decoded. A Map, since `__proto__` is a name like any other. Never throws. Matches `django.http.cookie.parse_cookie`.
 */
export function parseDjangoCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>()
  for (const chunk of header.split(';')) {
    const at = chunk.indexOf('=')
    const name = pythonStrip(chunk.slice(0, Math.max(at, 0)))
    const value = pythonStrip(chunk.slice(at + 1))
    if (name !== '' || value !== '') cookies.set(name, unquote(value))
  }
  return cookies
}

/** `\054` is a character by its number, any other backslash is dropped. Matches Python's `http.cookies._unquote`. */
function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value
  return value
    .slice(1, -1)
    .replace(/\\(?:([0-3][0-7][0-7])|([^\n]))/g, (_, octal?: string, character = '') =>
      octal ? String.fromCharCode(Number.parseInt(octal, 8)) : character,
    )
}
