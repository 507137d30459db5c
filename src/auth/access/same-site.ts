import type { Exchange } from '../../adapters/exchange.ts'
import { NodeExchange } from '../../adapters/node-exchange.ts'
import { KeepsakeError } from '../../errors.ts'
import { type AuthCore, exchangeFor } from '../auth-core.ts'
import { checkOrigin } from '../cross-site/check-origin.ts'
import { crossSiteToken, isCrossSiteToken } from '../cross-site/cross-site-token.ts'

/**
 * Refuses a request that may change something and was sent by a page of another site (cross-site request forgery). A request
 * whose browser says nothing of where it came from needs the session's token. Throws `CROSS_SITE_REQUEST` (403).
 */
export async function requireSameSite(core: AuthCore, request: object, token: unknown): Promise<void> {
  const exchange = exchangeFor(request)
  const verdict = checkOrigin({
    method: exchange.method,
    header: name => exchange.requestHeader(name),
    ownOrigins: core.origins ?? originsOf(hostOf(exchange)),
    trustedOrigins: core.trustedOrigins,
  })
  if (verdict.allowed) return
  if (verdict.reason === 'no-origin' && (await hasToken(core, request, token))) return
  core.report({ type: 'cross-site-refused', reason: verdict.reason })
  throw new KeepsakeError('CROSS_SITE_REQUEST', verdict.reason)
}

/** A token for a form, for browsers that say nothing of where a request came from; null while there is no stored session. */
export async function formToken({ sessions, ring }: AuthCore, request: object): Promise<string | null> {
  const { id } = await sessions.of(request)
  return id === null ? null : crossSiteToken(ring, id)
}

async function hasToken({ sessions, ring }: AuthCore, request: object, token: unknown): Promise<boolean> {
  return token !== undefined && isCrossSiteToken(ring, (await sessions.of(request)).id, token)
}

/** HTTP/2 has `:authority` instead of `Host` (RFC 9113 section 8.3.1). What is made of it as a `Request` cannot be asked for such a name. */
function hostOf(exchange: Exchange): string | undefined {
  const isNode = exchange instanceof NodeExchange
  return exchange.requestHeader('host') ?? (isNode ? exchange.requestHeader(':authority') : undefined)
}

/** A proxy may have taken https off, so both are the site's own where nothing else is said. */
function originsOf(host: string | undefined): string[] {
  return host ? [`https://${host}`, `http://${host}`] : []
}
