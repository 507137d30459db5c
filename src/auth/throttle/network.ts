import { isIPv4, isIPv6 } from 'node:net'

/**
 * What is throttled as one network: an IPv4 address, or the first 64 bits of an IPv6 address, which one customer has to
 * choose from at will. All spellings of an address are one (CVE-2026-45364), with a port too, as some proxies write it; what is none is one network, of all such texts.
 *
 * A single IPv4 address, not its /24, because neighbours there are strangers.
 */
export function networkOf(address: string): string {
  const [bare = ''] = address
    .trim()
    .replace(/^\[(.*)\](:\d{1,5})?$/, '$1')
    .replace(/^([\d.]+):\d{1,5}$/, '$1')
    .split('%')
  if (isIPv4(bare)) return bare
  if (!isIPv6(bare)) return 'unreadable'
  const groups = groupsOf(bare)
  return ipv4In(groups) ?? `${groups.slice(0, 4).join(':')}::/64`
}

/** The eight groups of an IPv6 address, without leading zeros. The URL parser writes every spelling in one way (RFC 5952). */
function groupsOf(address: string): string[] {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const [first, last] = [split(head), split(tail)]
  return [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last]
}

function split(part: string | undefined): string[] {
  return part ? part.split(':') : []
}

/** An IPv4 address in IPv6 dress (::ffff:192.0.2.1), as a server sees it that listens on both. */
function ipv4In(groups: readonly string[]): string | null {
  if (groups.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return null
  const [high = 0, low = 0] = groups.slice(6).map(group => Number.parseInt(group, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
