import { type AuthCore, exchangeFor } from '../auth-core.ts'
import { coarseNetwork } from './coarse-network.ts'
import { deviceOf } from './user-agent.ts'

/** From what a request came, as far as its user will recognise it in the list of devices. */
export function placeOf(core: AuthCore, request: object): { browser: string; system: string; network: string } {
  const { browser, system } = deviceOf(exchangeFor(request).requestHeader('user-agent'))
  return { browser, system, network: coarseNetwork(core.clientAddress(request)) }
}
