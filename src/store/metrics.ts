/** What Prometheus is told of the store. */
import type { StoreProblem } from './database/health.ts'
import type { Store } from './store.ts'

const PROBLEMS: readonly StoreProblem[] = ['full', 'read_only', 'damaged', 'busy', 'failed']

export function storeMetrics({ health, sound }: Pick<Store, 'health' | 'sound'>, size: number | null) {
  return [
    {
      name: 'thermo2mqtt_store_up',
      help: 'Whether what is learned and counted can be remembered.',
      type: 'gauge',
      samples: [{ labels: {}, value: Number(sound) }],
    },
    {
      name: 'thermo2mqtt_store_problem',
      help: 'What is in the way of that: 1 for the one that is.',
      type: 'gauge',
      samples: PROBLEMS.map((problem) => ({ labels: { problem }, value: Number(health.problem === problem) })),
    },
    {
      name: 'thermo2mqtt_store_size_bytes',
      help: 'Size of the database, its journal not counted.',
      type: 'gauge',
      samples: size === null ? [] : [{ labels: {}, value: size }],
    },
  ] as const
}
