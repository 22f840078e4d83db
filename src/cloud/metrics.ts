/** Prometheus metrics of the cloud accounts beyond their visible state. */
import type { EventBus } from '../core/events.ts'
import type { CloudEvents } from './events.ts'

/** Counts good and failed syncs from the start on. */
export class CloudStats {
  readonly #accounts: ReadonlyMap<string, { syncs: number; failures: number }>

  constructor(ids: readonly string[], events: EventBus<CloudEvents>) {
    this.#accounts = new Map(ids.map((id) => [id, { syncs: 0, failures: 0 }]))
    events.on('devices', ({ account }) => this.#count(account, 'syncs'))
    events.on('failed', ({ account }) => this.#count(account, 'failures'))
  }

  metrics() {
    const samples = (kind: 'syncs' | 'failures') =>
      [...this.#accounts].map(([account, counts]) => ({ labels: { account }, value: counts[kind] }))
    return [
      {
        name: 'thermo2mqtt_account_syncs_total',
        help: 'Device lists received from the cloud account.',
        type: 'counter',
        samples: samples('syncs'),
      },
      {
        name: 'thermo2mqtt_account_failures_total',
        help: 'Failed requests to the service of the cloud account, including those waiting for a code.',
        type: 'counter',
        samples: samples('failures'),
      },
    ] as const
  }

  #count(account: string, kind: 'syncs' | 'failures'): void {
    const counts = this.#accounts.get(account)
    if (counts) counts[kind]++
  }
}
