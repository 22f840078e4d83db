/** Prometheus metrics of the store. */
import type { StoreProblem } from './database/health.ts'
import type { Store } from './store.ts'

const PROBLEMS: readonly StoreProblem[] = ['full', 'read_only', 'damaged', 'busy', 'failed']

export function storeMetrics({ health, sound }: Pick<Store, 'health' | 'sound'>, size: number | null) {
  return [
    {
      name: 'thermo2mqtt_store_up',
      help: 'Whether new data can be saved.',
      type: 'gauge',
      samples: [{ labels: {}, value: Number(sound) }],
    },
    {
      name: 'thermo2mqtt_store_problem',
      help: 'The problem of the store: 1 for the present one.',
      type: 'gauge',
      samples: PROBLEMS.map((problem) => ({ labels: { problem }, value: Number(health.problem === problem) })),
    },
    {
      name: 'thermo2mqtt_store_size_bytes',
      help: 'Size of the database without its journal.',
      type: 'gauge',
      samples: size === null ? [] : [{ labels: {}, value: size }],
    },
  ] as const
}
