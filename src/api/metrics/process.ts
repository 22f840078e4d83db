/**
 * The resources of the process: the standard process metrics of Prometheus, and Node.js' heap and event loop. Names and
 * texts are those of the client libraries, so that existing dashboards work.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import type { Metric } from '../types.ts'

/** An unknown value has no sample. */
const gauge = (name: string, help: string, value: number | undefined): Metric => ({
  name,
  help,
  type: 'gauge',
  samples: value === undefined ? [] : [{ labels: {}, value }],
})

const counter = (name: string, help: string, value: number): Metric => ({
  ...gauge(name, help, value),
  type: 'counter',
})

/** Watches the event loop until it is closed; this wakes the process a hundred times a second. */
export class ProcessMetrics {
  readonly #delay = monitorEventLoopDelay()

  constructor() {
    this.#delay.enable()
  }

  close(): void {
    this.#delay.disable()
  }

  async read(): Promise<Metric[]> {
    const begin = performance.now()
    await setImmediate()
    const lag = (performance.now() - begin) / 1000
    return [...timeMetrics(), ...memoryMetrics(), ...fileMetrics(), ...this.#lagMetrics(lag)]
  }

  /** Values since the previous scrape. The first scrape has only the current delay. */
  #lagMetrics(now: number): Metric[] {
    const delay = this.#delay
    const of = (name: string, help: string, nanoseconds: number) =>
      gauge(`nodejs_eventloop_lag_${name}_seconds`, help, delay.count > 0 ? nanoseconds / 1e9 : undefined)
    const metrics = [
      gauge('nodejs_eventloop_lag_seconds', 'Lag of event loop in seconds.', now),
      of('min', 'The minimum recorded event loop delay.', delay.min),
      of('max', 'The maximum recorded event loop delay.', delay.max),
      of('mean', 'The mean of the recorded event loop delays.', delay.mean),
      of('stddev', 'The standard deviation of the recorded event loop delays.', delay.stddev),
      ...[50, 90, 99].map((part) =>
        of(`p${part}`, `The ${part}th percentile of the recorded event loop delays.`, delay.percentile(part)),
      ),
    ]
    delay.reset()
    return metrics
  }
}

function timeMetrics(): Metric[] {
  const { user, system } = process.cpuUsage()
  const start = Math.round(performance.timeOrigin / 1000)
  return [
    counter('process_cpu_user_seconds_total', 'Total user CPU time spent in seconds.', user / 1e6),
    counter('process_cpu_system_seconds_total', 'Total system CPU time spent in seconds.', system / 1e6),
    counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', (user + system) / 1e6),
    gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', start),
  ]
}

function memoryMetrics(): Metric[] {
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage()
  const status = told('status')
  return [
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', rss),
    gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.', numberIn(status, /^VmSize:\s+(\d+)/m, 1024)),
    gauge('process_heap_bytes', 'Process heap size in bytes.', numberIn(status, /^VmData:\s+(\d+)/m, 1024)),
    gauge('nodejs_heap_size_total_bytes', 'Process heap size from Node.js in bytes.', heapTotal),
    gauge('nodejs_heap_size_used_bytes', 'Process heap size used from Node.js in bytes.', heapUsed),
    gauge('nodejs_external_memory_bytes', 'Node.js external memory size in bytes.', external),
  ]
}

function fileMetrics(): Metric[] {
  const most = numberIn(told('limits'), /^Max open files\s+(\d+)/m)
  return [
    gauge('process_open_fds', 'Number of open file descriptors.', openFiles()),
    gauge('process_max_fds', 'Maximum number of open file descriptors.', most),
  ]
}

/** What Linux reports about this process. Other systems have no such files, so these metrics are left out there. */
function told(name: string): string {
  try {
    return readFileSync(`/proc/self/${name}`, 'utf8')
  } catch {
    return ''
  }
}

function openFiles(): number | undefined {
  try {
    // Not counting the descriptor that read the folder.
    return readdirSync('/proc/self/fd').length - 1
  } catch {
    return undefined
  }
}

function numberIn(text: string, pattern: RegExp, unit = 1): number | undefined {
  const found = pattern.exec(text)?.[1]
  return found === undefined ? undefined : Number(found) * unit
}
