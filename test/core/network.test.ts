import t from 'tap'
import { networkOf } from '../../src/core/network/addresses.ts'

t.test('an address of IPv4 is one, a /64 of IPv6 is one', async (t) => {
  for (const [address, network] of [
    ['192.168.1.20', '192.168.1.20'],
    ['::ffff:192.168.1.20', '192.168.1.20'],
    ['::FFFF:c0a8:0114', '192.168.1.20'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::'],
    ['2001:db8::1', '2001:db8::'],
    ['fe80::1%eth0', 'fe80::'],
    ['::1', '::'],
    ['', ''],
    ['Unknown', 'unknown'],
  ] as const) {
    t.equal(networkOf(address), network, address)
  }
})
