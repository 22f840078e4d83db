/**
 * Loaded into the bridge's process ahead of it, to measure it from within. Plain JavaScript, since the compiler that
 * Node would load for TypeScript would count as the bridge's memory.
 */
import { subscribe } from 'node:diagnostics_channel'

/** ms; part of every value of the histogram. */
const RESOLUTION = 10

let delay
let datagrams = 0
let start = { at: 0, cpu: process.cpuUsage() }

subscribe('udp.socket', ({ socket }) => socket.on('message', () => datagrams++))

const handlers = {
  /** CPU ms since the process began. */
  life() {
    const { user, system } = process.cpuUsage()
    return { cpu: (user + system) / 1000 }
  },
  begin() {
    datagrams = 0
    // Takes memory, which is measured as well.
    delay ??= process.getBuiltinModule('node:perf_hooks').monitorEventLoopDelay({ resolution: RESOLUTION })
    delay.enable()
    delay.reset()
    start = { at: performance.now(), cpu: process.cpuUsage() }
    return {}
  },
  end() {
    const { user, system } = process.cpuUsage(start.cpu)
    const elapsed = performance.now() - start.at
    delay?.disable()
    return {
      elapsed,
      cpu: (user + system) / 1000,
      p99: (delay?.percentile(99) ?? 0) / 1e6,
      rss: process.memoryUsage.rss() / 2 ** 20,
      datagrams,
    }
  },
}

process.on('message', ({ id, name }) => process.send({ id, reply: handlers[name]() }))
// The bridge's life must not depend on being measured.
process.channel?.unref()
