import type { Exchange } from '../adapters/exchange.ts'

/**
 * Keeps an answer that sets a cookie out of shared caches, which would hand one visitor's cookie to the next
 * (CVE-2014-0473, CVE-2024-26144, CVE-2026-6907). A policy of the program stays if it does that too.
 */
export function keepFromSharedCaches(exchange: Exchange): void {
  const chosen = exchange.getHeader('cache-control')
  if (!chosen || isShareable(chosen)) exchange.setHeader('Cache-Control', 'private, no-store')
}

/** Without `private` or `no-store`, a shared cache may keep an answer, also one that says nothing but `max-age` (RFC 9111 section 3). */
function isShareable(policy: string): boolean {
  // What is quoted may have commas, and `private="Set-Cookie"` forbids to keep that header, not the answer.
  const directives = policy
    .replace(/"[^"]*"/g, '""')
    .split(',')
    .map(directive => directive.trim().toLowerCase())
  const isClosed = directives.includes('private') || directives.includes('no-store')
  return !isClosed || directives.some(directive => directive === 'public' || directive.startsWith('s-maxage'))
}
