/** Prometheus metrics of the network side. */
import type { ErrorCode } from '../core/errors.ts'
import type { DropCounts } from './discovery/drops.ts'
import type { ExchangeNote } from './exchange/index.ts'

/** Metrics of discovery; none if the settings switch it off. */
export function beaconMetrics(drops: DropCounts | undefined, listening: boolean) {
  if (!drops) return []
  const samples = Object.entries(drops).map(([reason, value]) => ({ labels: { reason }, value }))
  return [
    {
      name: 'thermo2mqtt_discovery_listening',
      help: 'Whether the bridge listens for beacons.',
      type: 'gauge',
      samples: [{ labels: {}, value: Number(listening) }],
    },
    {
      name: 'thermo2mqtt_beacons_dropped_total',
      help: 'Ignored broadcasts on the LAN, by reason.',
      type: 'counter',
      samples,
    },
  ] as const
}

/**
 * Upper bounds in seconds: a device answers within some tenths, and times out after 5 s unless the settings say
 * otherwise.
 */
const BOUNDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const
const OPERATIONS = ['read', 'write'] as const
/** How a request can fail before the device has given a useful answer. */
const FAILURES: readonly ErrorCode[] = [
  'DEVICE_UNREACHABLE',
  'DEVICE_TIMEOUT',
  'DEVICE_BUSY',
  'DEVICE_BAD_REPLY',
  'INTERNAL',
]

class Histogram {
  /** The last one counts values above all bounds. */
  readonly #counts = [...BOUNDS, 0].map(() => 0)
  #sum = 0

  observe(seconds: number): void {
    const found = BOUNDS.findIndex((bound) => seconds <= bound)
    const slot = found < 0 ? BOUNDS.length : found
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1
    this.#sum += seconds
  }

  samples(labels: Readonly<Record<string, string>>) {
    let seen = 0
    const buckets = this.#counts.map((count, slot) => {
      seen += count
      return { suffix: '_bucket', labels: { ...labels, le: String(BOUNDS[slot] ?? '+Inf') }, value: seen }
    })
    return [...buckets, { suffix: '_sum', labels, value: this.#sum }, { suffix: '_count', labels, value: seen }]
  }
}

interface Counts {
  requests: number
  failures: number
}

/**
 * Counts the requests to devices. Durations and kinds of failure are for all devices together: a histogram for each of
 * a thousand devices would be ten thousand lines that nobody looks at. Each device has two counts.
 */
export class RequestStats {
  readonly #durations = { read: new Histogram(), write: new Histogram() }
  readonly #failures = new Map<ErrorCode, number>(FAILURES.map((code) => [code, 0]))
  readonly #devices = new Map<string, Counts>()

  /** The counter of one device's requests, until the device is forgotten. */
  of(serial: string): (exchange: ExchangeNote) => void {
    const device = this.#devices.get(serial) ?? { requests: 0, failures: 0 }
    this.#devices.set(serial, device)
    return (exchange) => this.#note(device, exchange)
  }

  forget(serial: string): void {
    this.#devices.delete(serial)
  }

  metrics() {
    const devices = [...this.#devices]
    return [
      {
        name: 'thermo2mqtt_device_request_duration_seconds',
        help: 'Duration of requests to all devices, including failed ones.',
        type: 'histogram',
        samples: OPERATIONS.flatMap((operation) => this.#durations[operation].samples({ operation })),
      },
      {
        name: 'thermo2mqtt_device_request_errors_total',
        help: 'Failed requests to all devices, by kind.',
        type: 'counter',
        samples: [...this.#failures].map(([code, value]) => ({ labels: { code }, value })),
      },
      {
        name: 'thermo2mqtt_device_requests_total',
        help: 'Requests to the device.',
        type: 'counter',
        samples: devices.map(([serial, { requests }]) => ({ labels: { serial }, value: requests })),
      },
      {
        name: 'thermo2mqtt_device_request_failures_total',
        help: 'Failed requests to the device.',
        type: 'counter',
        samples: devices.map(([serial, { failures }]) => ({ labels: { serial }, value: failures })),
      },
    ] as const
  }

  #note(device: Counts, { operation, seconds, failure }: ExchangeNote): void {
    device.requests++
    this.#durations[operation].observe(seconds)
    if (failure === null) return
    device.failures++
    this.#failures.set(failure, (this.#failures.get(failure) ?? 0) + 1)
  }
}
