/** What Prometheus is told of the cloud accounts beyond what they show of themselves. */
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
        help: 'Device lists that the cloud account gave.',
        type: 'counter',
        samples: samples('syncs'),
      },
      {
        name: 'thermo2mqtt_account_failures_total',
        help: 'What was asked of the service of the cloud account and failed, waiting for a code included.',
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
