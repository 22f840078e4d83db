import type { DeviceAddress } from './link.ts'
import type { Thermostat } from './thermostat.ts'

/**
 * Whether what answers at an address is another device than that of the serial, which does not say in its answers who it is:
 * one that is known to be there.
 */
export function isOthers(all: ReadonlyMap<string, Thermostat>, own: string, { host, port }: DeviceAddress): boolean {
  if (all.get(own)?.mayBeNameless !== true) return false
  for (const { serial, address, online } of all.values()) {
    if (serial !== own && online && address?.host === host && address.port === port) return true
  }
  return false
}
