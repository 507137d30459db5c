import type { Exchange } from '../../adapters/exchange.ts'
import { NodeExchange } from '../../adapters/node-exchange.ts'
import { ownOrigins } from '../../cookies/own-origins.ts'
import { KeepsakeError } from '../../errors.ts'
import { type AuthCore, exchangeFor } from '../auth-core.ts'
import { checkOrigin } from '../cross-site/check-origin.ts'
import { crossSiteToken, isCrossSiteToken } from '../cross-site/cross-site-token.ts'

/**
 * Refuses a request that may change something and was sent by a page of another site (cross-site request forgery). A request
 * whose browser says nothing of where it came from needs the session's token. What no such page can send with somebody's
 * session is let through. Throws `CROSS_SITE_REQUEST` (403).
 */
export async function requireSameSite(core: AuthCore, request: object, token: unknown): Promise<void> {
  const exchange = exchangeFor(request)
  const verdict = checkOrigin({
    method: exchange.method,
    header: name => exchange.requestHeader(name),
    ownOrigins: core.origins ?? ownOrigins(hostOf(exchange), core.secure),
    trustedOrigins: core.trustedOrigins,
    trustSameSite: core.trustSameSite,
  })
  if (verdict.allowed || isOutOfReach(core, request)) return
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

/** Whether other sites' pages cannot act with a visitor's session here: it travels in a header, and no cookie remembers the browser. */
function isOutOfReach({ sessions, remember }: AuthCore, request: object): boolean {
  const carriage = sessions.carriageOf?.(request) ?? 'by itself'
  return carriage === 'on purpose' || (carriage === 'not at all' && remember === null)
}

/** HTTP/2 has `:authority` instead of `Host` (RFC 9113 section 8.3.1). What is made of it as a `Request` cannot be asked for such a name. */
function hostOf(exchange: Exchange): string | undefined {
  const isNode = exchange instanceof NodeExchange
  return exchange.requestHeader('host') ?? (isNode ? exchange.requestHeader(':authority') : undefined)
}
