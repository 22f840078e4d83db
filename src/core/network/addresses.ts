import { isIP, isIPv4 } from 'node:net'

/** Whether data sent to `host`, an IPv6 address in brackets or without, stays on this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return (
    bare === '::1' || bare === 'localhost' || bare.endsWith('.localhost') || (isIPv4(bare) && bare.startsWith('127.'))
  )
}

/**
 * The owner of an address, for counting: an IPv4 address, even if written as IPv6, or an IPv6 /64, since a household
 * with one of its addresses has all of them. Anything else is returned in lower case.
 */
export function networkOf(address: string): string {
  const [bare = ''] = address.split('%')
  if (isIP(bare) !== 6) return address.toLowerCase()
  const groups = groupsOf(bare)
  const [high = 0, low = 0] = groups.slice(6)
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
  }
  const network = groups.slice(0, 4).map((group) => group.toString(16))
  return canonical(`${network.join(':')}::`)
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const [before = [], after = []] = canonical(address)
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''))
  const zeros = Array<string>(8 - before.length - after.length).fill('0')
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16))
}

/** In the notation of RFC 5952. */
const canonical = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1)

/**
 * An address as the host of a URL, with IPv6 in brackets. What listens everywhere is reached at the loopback address of this
 * machine.
 */
export function dialled(host: string): string {
  const there = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return there.includes(':') ? `[${there}]` : there
}

/**
 * Where virtual devices are: each at a loopback address of its own, as real ones have addresses of their own, and at a port
 * that needs no rights.
 */
export const VIRTUAL_HOUSE = { network: '127.23.', port: 8023 } as const
