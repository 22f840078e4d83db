/** Prometheus metrics of the store. */
import type { DailyBackupsStatus } from './backup/daily.ts'
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

/** Of the daily backups; nothing while none are made. */
export function backupMetrics({ enabled, last, failing }: DailyBackupsStatus, now: number) {
  if (!enabled) return []
  return [
    {
      name: 'thermo2mqtt_backup_up',
      help: 'Whether the last try to make the daily backup did not fail.',
      type: 'gauge',
      samples: [{ labels: {}, value: Number(!failing) }],
    },
    {
      name: 'thermo2mqtt_backup_age_seconds',
      help: 'Age of the newest daily backup.',
      type: 'gauge',
      samples: last === null ? [] : [{ labels: {}, value: Math.max(0, (now - last) / 1000) }],
    },
  ] as const
}
