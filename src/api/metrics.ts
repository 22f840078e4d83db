import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Accounts, Bridge, Devices, DeviceView } from '../devices/ports.ts'
import type { Metric, MetricSource } from './types.ts'

export interface MetricsOptions {
  readonly devices: Devices
  readonly accounts: Accounts
  readonly bridge: Bridge
  readonly sources: readonly MetricSource[]
}

/** State keys that become a gauge for each device: booleans as 0 and 1. */
const DEVICE_GAUGES = [
  ['floor_temperature', 'floor_temperature_celsius', 'Temperature at the floor sensor.'],
  ['air_temperature', 'air_temperature_celsius', 'Temperature at the air sensor.'],
  ['target_temperature', 'target_temperature_celsius', 'The setpoint in force.'],
  ['load', 'load', 'Whether the load is switched on.'],
  ['power', 'power_watts', 'What the load draws.'],
  ['problem', 'problem', 'Whether any fault is present.'],
] as const

const ofDevice = ({ serial }: DeviceView) => ({ serial })

/** What the views of the bridge say. A value that is not known has no sample. */
function ownMetrics({ devices, accounts, bridge }: MetricsOptions): Metric[] {
  const views = devices.list()
  const info = bridge.info()
  const gauge = (name: string, help: string, samples: Metric['samples']): Metric => ({
    name: `thermo2mqtt_${name}`,
    help,
    type: 'gauge',
    samples,
  })
  return [
    gauge('info', 'Version of the bridge.', [{ labels: { version: info.version }, value: 1 }]),
    gauge(
      'device_info',
      'What the device is; joined by its serial.',
      views.map(({ serial, name, model, hw }) => ({ labels: { serial, name, model, hw: hw ?? '' }, value: 1 })),
    ),
    gauge(
      'device_up',
      'Whether the device is online.',
      views.map((view) => ({ labels: ofDevice(view), value: Number(view.online) })),
    ),
    ...DEVICE_GAUGES.map(([key, name, help]) =>
      gauge(
        `device_${name}`,
        help,
        views.flatMap((view) => {
          const value = view.state[key]
          const known = typeof value === 'number' || typeof value === 'boolean'
          // A value of a device that is away is an old one; a graph should show the gap.
          return known && view.online ? [{ labels: ofDevice(view), value: Number(value) }] : []
        }),
      ),
    ),
    gauge(
      'account_ready',
      'Whether the cloud account is signed in and in order.',
      accounts.list().map(({ id, provider, state }) => ({
        labels: { account: id, provider },
        value: Number(state === 'ready'),
      })),
    ),
  ]
}

/** Everything in Prometheus' text form, in a registry of its own. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #options: MetricsOptions

  constructor(options: MetricsOptions) {
    this.#options = options
    collectDefaultMetrics({ register: this.#registry })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  async text(): Promise<string> {
    for (const metric of [...ownMetrics(this.#options), ...this.#options.sources.flatMap((source) => source())]) {
      this.#show(metric)
    }
    return await this.#registry.metrics()
  }

  /** Replaces all samples, so that a device that is gone leaves none behind. */
  #show({ name, help, type, samples }: Metric): void {
    this.#registry.removeSingleMetric(name)
    if (samples.length === 0) return
    const labelNames = [...new Set(samples.flatMap((sample) => Object.keys(sample.labels)))]
    const settings = { name, help, labelNames, registers: [this.#registry] }
    const metric = type === 'counter' ? new Counter(settings) : new Gauge(settings)
    for (const { labels, value } of samples) metric.inc({ ...labels }, value)
  }
}
