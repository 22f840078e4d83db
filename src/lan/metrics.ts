import type { DropCounts } from './drops.ts'

/** What Prometheus is told of beacons; nothing where none are heard. */
export function beaconMetrics(drops: DropCounts | undefined) {
  const samples = Object.entries(drops ?? {}).map(([reason, value]) => ({ labels: { reason }, value }))
  const help = 'Broadcasts on the LAN that were not used'
  return [{ name: 'thermo2mqtt_beacons_dropped_total', help, type: 'counter', samples }] as const
}
