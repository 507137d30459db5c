import { hash } from 'node:crypto'

/** What the least of a session reads and changes. */
export interface LeastVisitor {
  readonly user: string
  visits: number
}

/** The id behind a cookie, of which nothing is checked. */
export function idOf(cookie = ''): string {
  return hash('sha256', cookie.slice(cookie.indexOf('=') + 1), 'base64url')
}
