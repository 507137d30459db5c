import type { Exchange } from '../adapters/exchange.ts'
import { ownOrigins } from '../cookies/own-origins.ts'
import { invalidOption } from '../values/check-options.ts'

/** A request that asks to become something else than HTTP: what Node's `upgrade` event gives, or a `Request`. */
export interface UpgradeRequest {
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
  readonly url?: string | undefined
}

/** A header of the request, several lines joined. The name is in lower case. */
export function headerOf({ headers }: UpgradeRequest, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined
  const value = headers[name]
  return typeof value === 'object' ? value.join(', ') : value
}

/** As much of an exchange as it takes to open a session: the answer has been given, or will never be. */
export function upgradeExchange(request: UpgradeRequest): Exchange {
  return {
    cookieHeader: headerOf(request, 'cookie'),
    requestHeader: name => headerOf(request, name),
    ...{ method: 'GET', target: '/', secure: false, address: undefined, headersSent: true },
    getHeader: () => undefined,
    setHeader: () => undefined,
    appendHeader: () => undefined,
    beforeHeaders: () => undefined,
    beforeEnd: () => undefined,
  }
}

/**
 * The origin of a page of another site, null otherwise. Browsers send cookies with the WebSockets of any page, ask nobody
 * before they do, and always say in `Origin` whose page it is (RFC 6455 section 10.2). What is no browser sends none.
 */
export function foreignOrigin(
  request: UpgradeRequest,
  origins: readonly string[] | undefined,
  secure: boolean,
): string | null {
  const own = origins?.find(origin => !URL.canParse(origin) || new URL(origin).origin !== origin)
  if (own !== undefined) throw invalidOption('origins', `has ${JSON.stringify(own)}, which is not spelt as an origin`)
  const origin = headerOf(request, 'origin')
  if (origin === undefined) return null
  return (origins ?? ownOrigins(hostOf(request), secure)).includes(origin) ? null : origin
}

/** HTTP/2 has `:authority` in its place (RFC 9113 section 8.3.1); a `Request` has either in its URL, and may have no `Host`. */
function hostOf(request: UpgradeRequest): string | undefined {
  const { headers, url = '' } = request
  const elsewhere = headers instanceof Headers ? URL.parse(url)?.host : headerOf(request, ':authority')
  return headerOf(request, 'host') ?? elsewhere
}
