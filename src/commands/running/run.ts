import { loadWith } from '../../app/settings/kept.ts'
import type { Timer } from '../../core/clock.ts'
import { RELEASES } from '../../updates/index.ts'
import type { CommandInput } from '../command.ts'
import { settle } from './heap.ts'
import { live } from './life.ts'
import { untilSignal } from './process.ts'

/** The bridge, until a signal ends it. */
export async function run(input: CommandInput): Promise<number> {
  const { flags, signals, supervisor, terminal, clock, devicePort } = input
  let { env } = input
  let started = false
  let settling: Timer | undefined
  await live({
    clock,
    terminal,
    devicePort,
    ended: untilSignal(signals),
    load: async (kept) => {
      // For a start, and not to try what somebody has set on the page.
      if (started && !kept && supervisor) env = await supervisor.environment()
      return loadWith(clock, { flags, env }, kept)
    },
    onStarted: () => {
      started = true
      settling?.cancel()
      settling = settle(clock)
    },
    // Home Assistant looks after the versions of its apps itself.
    ...(supervisor ? { outside: (signal) => supervisor.brokerChange(signal) } : { app: { releases: RELEASES } }),
  })
  settling?.cancel()
  return 0
}
