import { networkOf } from '../throttle/network.ts'

/**
 * Where a login came from, for a list that its owner reads: the network, without the machine. Enough to recognise one's own,
 * too little to follow anybody by: an IPv4 address without its last number, the first 48 bits of an IPv6 address.
 */
export function coarseNetwork(address: string | null): string {
  if (address === null) return ''
  const network = networkOf(address)
  if (network === 'unreadable') return ''
  if (network.includes('.')) return network.replace(/\.\d+$/, '.x')
  return `${network
    .split(':')
    .slice(0, 3)
    .join(':')
    .replace(/^0:0:0$/, '')}::`
}
