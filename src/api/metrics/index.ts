/** The metrics of the bridge for Prometheus. */
import { ACCOUNT_STATES, type Accounts, type Bridge, type Devices } from '../../devices/ports.ts'
import type { Check, Metric, MetricSource } from '../types.ts'
import { deviceMetrics } from './devices.ts'
import { expose } from './exposition.ts'
import { ProcessMetrics } from './process.ts'

export interface MetricsOptions {
  readonly devices: Devices
  readonly accounts: Accounts
  readonly bridge: Bridge
  readonly readiness: () => Readonly<Record<string, Check>>
  readonly streams: { readonly clients: number; readonly cutOff: number }
  readonly sources: readonly MetricSource[]
}

const gauge = (name: string, help: string, samples: Metric['samples']): Metric => ({
  name: `thermo2mqtt_${name}`,
  help,
  type: 'gauge',
  samples,
})

const counter = (name: string, help: string, value: number): Metric => ({
  ...gauge(name, help, [{ labels: {}, value }]),
  type: 'counter',
})

function bridgeMetrics({ bridge, readiness, streams }: MetricsOptions): Metric[] {
  const { version, started } = bridge.info()
  return [
    gauge('build_info', 'Version of the bridge and of Node.js.', [
      { labels: { version, node: process.versions.node }, value: 1 },
    ]),
    gauge('start_time_seconds', 'When the bridge started, as Unix time.', [
      { labels: {}, value: Date.parse(started) / 1000 },
    ]),
    gauge(
      'ready',
      'Whether a part of the bridge does its job; /readyz says why not.',
      Object.entries(readiness()).map(([check, { ok }]) => ({ labels: { check }, value: Number(ok) })),
    ),
    gauge('event_streams', 'Open streams of server-sent events.', [{ labels: {}, value: streams.clients }]),
    counter('event_streams_cut_off_total', 'Event streams ended because they were not read.', streams.cutOff),
  ]
}

function accountMetrics({ accounts }: MetricsOptions): Metric[] {
  const views = accounts.list()
  const labelsOf = ({ id, provider }: (typeof views)[number]) => ({ account: id, provider })
  return [
    gauge(
      'account_ready',
      'Whether the cloud account is signed in and in order.',
      views.map((view) => ({ labels: labelsOf(view), value: Number(view.state === 'ready') })),
    ),
    gauge(
      'account_state',
      'State of the cloud account: 1 for the current state.',
      views.flatMap((view) =>
        ACCOUNT_STATES.map((state) => ({ labels: { ...labelsOf(view), state }, value: Number(view.state === state) })),
      ),
    ),
    gauge(
      'account_devices',
      'Devices in the last list of the cloud account.',
      views.map((view) => ({ labels: labelsOf(view), value: view.devices })),
    ),
    gauge(
      'account_last_sync_timestamp_seconds',
      'When the cloud account was last queried successfully, as Unix time.',
      views.flatMap((view) =>
        view.last_sync === null ? [] : [{ labels: labelsOf(view), value: Date.parse(view.last_sync) / 1000 }],
      ),
    ),
  ]
}

/** The label that distinguishes the bridges of several sites; none without a site. */
function labelsOfAll({ bridge }: Pick<MetricsOptions, 'bridge'>): Record<string, string> {
  const { site } = bridge.info()
  return site === undefined ? {} : { site }
}

/** All metrics in Prometheus' text format. Made at each scrape from current data, so that removed devices disappear. */
export class Metrics {
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8'
  readonly #process = new ProcessMetrics()
  readonly #options: MetricsOptions

  constructor(options: MetricsOptions) {
    this.#options = options
  }

  close(): void {
    this.#process.close()
  }

  async text(): Promise<string> {
    const { devices, sources } = this.#options
    const all = [
      ...bridgeMetrics(this.#options),
      ...deviceMetrics(devices.list()),
      ...accountMetrics(this.#options),
      ...sources.flatMap((source) => source()),
      ...(await this.#process.read()),
    ]
    return expose(all, labelsOfAll(this.#options))
  }
}
