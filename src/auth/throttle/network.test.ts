import { describe, expect, it } from 'vitest'
import { networkOf } from './network.ts'

describe('CVE-2026-45364: one network', () => {
  it.each([
    [
      '192.0.2.1',
      [
        '192.0.2.1',
        '::ffff:192.0.2.1',
        '::FFFF:c000:0201',
        '0:0:0:0:0:ffff:192.0.2.1',
        ' 192.0.2.1 ',
        '192.0.2.1:5678',
        '[::ffff:192.0.2.1]:80',
      ],
    ],
    [
      '2001:db8:0:1::/64',
      [
        '2001:db8:0:1::',
        '2001:db8:0:1::5',
        '2001:0DB8:0000:0001:ffff:ffff:ffff:ffff',
        '2001:db8::1:0:0:0:1',
        '[2001:db8:0:1::7]',
        '[2001:db8:0:1::7]:443',
        '2001:db8:0:1:2:3:192.0.2.1',
      ],
    ],
    ['fe80:0:0:0::/64', ['fe80::1', 'fe80::1%eth0', 'fe80::2%25en1']],
    ['0:0:0:0::/64', ['::', '::1', '0:0:0:0:0:0:0:1']],
    ['unreadable', ['', 'localhost', '1.2.3', '2001:db8::1::2', "'; drop table", 'x'.repeat(10_000)]],
  ])('%s has the spellings %j', (network, addresses) => {
    expect(new Set(addresses.map(networkOf))).toEqual(new Set([network]))
  })

  it('is not another one: neighbours in IPv4, the next /64 in IPv6', () => {
    expect(networkOf('192.0.2.1')).not.toBe(networkOf('192.0.2.2'))
    expect(networkOf('2001:db8:0:1::1')).not.toBe(networkOf('2001:db8:0:2::1'))
  })
})
