import type { Sessions } from '../../src/index.ts'
import { BareExchange } from './bare-exchange.ts'

/**
 * A request that does this to its session, from its `Cookie` header to its `Set-Cookie` lines, without a server. Resolves with
 * the cookies that it set, as the next request would send them.
 */
export async function visit<Data extends object>(
  sessions: Sessions<Data>,
  cookie: string | undefined,
  act: (request: object) => unknown,
): Promise<string> {
  const request = {}
  const exchange = new BareExchange(cookie)
  sessions.attach(request, exchange)
  await act(request)
  await exchange.finish()
  return exchange.setCookies.map(line => line.slice(0, line.indexOf(';'))).join('; ')
}
