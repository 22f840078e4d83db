/** Prometheus metrics of the devices. Their measurements come from the rows of the catalog. */
import { type Datapoint, datapointsOf, MODELS } from '../../catalog/index.ts'
import type { DeviceView } from '../../devices/ports.ts'
import type { Metric } from '../types.ts'

/** Prometheus wants base units: the name of the unit, and the factor for values. */
const UNITS: Readonly<Record<string, readonly [suffix: string, factor: number]>> = {
  '°C': ['celsius', 1],
  W: ['watts', 1],
  kWh: ['joules', 3_600_000],
  V: ['volts', 1],
  A: ['amperes', 1],
  '%': ['ratio', 0.01],
  dBm: ['dbm', 1],
  s: ['seconds', 1],
  h: ['seconds', 3_600],
}

/** Measurements and the setpoint; settings don't change often enough for a graph. */
const isShown = ({ key, access }: Datapoint): boolean => access === 'read' || key === 'target_temperature'

const DATAPOINTS: readonly Datapoint[] = [
  ...new Map(MODELS.flatMap(datapointsOf).map((row) => [row.key, row])).values(),
].filter(isShown)

/**
 * The values of one row. A device that is offline has no value, so a graph shows the gap; a counter keeps its value.
 */
function rowMetric(row: Datapoint, views: readonly DeviceView[]): Metric[] {
  const counts = row.entity?.stateClass === 'total_increasing' && row.key !== 'energy_error'
  const unit = row.type === 'boolean' ? (['', 1] as const) : UNITS[row.unit ?? '']
  if (!unit || (row.type !== 'number' && row.type !== 'boolean')) return []
  const [suffix, factor] = unit
  const samples = views.flatMap(({ serial, online, state }) => {
    const value = state[row.key]
    const known = typeof value === 'number' || typeof value === 'boolean'
    return known && (online || counts) ? [{ labels: { serial }, value: Number(value) * factor }] : []
  })
  const name = ['thermo2mqtt_device', row.key, ...(suffix === '' ? [] : [suffix]), ...(counts ? ['total'] : [])].join(
    '_',
  )
  return [{ name, help: row.text, type: counts ? 'counter' : 'gauge', samples }]
}

/** All faults of a model, so that an absent fault is a 0 and not missing. */
function faults(rows: readonly Datapoint[], views: readonly DeviceView[]): Metric {
  const kinds = rows.map(({ key, fault }) => ({ fault: key, kind: fault === true ? 'other' : (fault ?? 'other') }))
  return {
    name: 'thermo2mqtt_device_fault',
    help: 'Whether the device has the fault; kind is sensor, overheating or other.',
    type: 'gauge',
    samples: views.flatMap(({ serial, online, state }) =>
      kinds.flatMap(({ fault, kind }) => {
        const value = state[fault]
        return online && typeof value === 'boolean' ? [{ labels: { serial, fault, kind }, value: Number(value) }] : []
      }),
    ),
  }
}

export function deviceMetrics(views: readonly DeviceView[]): Metric[] {
  const gauge = (name: string, help: string, read: (view: DeviceView) => number | null): Metric => ({
    name: `thermo2mqtt_device_${name}`,
    help,
    type: 'gauge',
    samples: views.flatMap((view) => {
      const value = read(view)
      return value === null ? [] : [{ labels: { serial: view.serial }, value }]
    }),
  })
  const lockedBy = (who: string) => (view: DeviceView) =>
    typeof view.state.lock === 'string' ? Number(view.state.lock === who || view.state.lock === 'both') : null
  return [
    {
      name: 'thermo2mqtt_device_info',
      help: 'Information about the device; join by its serial.',
      type: 'gauge',
      samples: views.map(({ serial, name, model, hw }) => ({
        labels: { serial, name, model, hw: hw ?? '' },
        value: 1,
      })),
    },
    gauge('up', 'Whether the device is online.', ({ online }) => Number(online)),
    gauge('last_seen_timestamp_seconds', 'When the device last gave a good reply, as Unix time.', ({ health }) =>
      health.lastSeen === null ? null : health.lastSeen / 1000,
    ),
    gauge('failed_polls', 'Failed polls since then.', ({ health }) => health.failures),
    gauge('key_held', 'Whether the bridge has a key to sign commands.', ({ health }) =>
      Number(health.keySource !== null),
    ),
    gauge('cloud_locked', 'Whether the device refuses commands from the cloud.', lockedBy('cloud')),
    gauge('lan_locked', 'Whether the device refuses unsigned commands from the LAN.', lockedBy('lan')),
    ...DATAPOINTS.filter(({ fault }) => fault === undefined).flatMap((row) => rowMetric(row, views)),
    faults(
      DATAPOINTS.filter(({ fault }) => fault !== undefined),
      views,
    ),
  ]
}
