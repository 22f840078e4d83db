import { loadWith } from '../../app/settings/kept.ts'
import type { Timer } from '../../core/clock.ts'
import type { CommandInput } from '../command.ts'
import { settle } from './heap.ts'
import { live } from './life.ts'
import { untilSignal } from './process.ts'

/** The bridge, until a signal ends it. */
export async function run({ flags, env, signals, terminal, clock, devicePort }: CommandInput): Promise<number> {
  let settling: Timer | undefined
  await live({
    clock,
    terminal,
    devicePort,
    ended: untilSignal(signals),
    load: (kept) => loadWith(clock, { flags, env }, kept),
    onStarted: () => {
      settling?.cancel()
      settling = settle(clock)
    },
  })
  settling?.cancel()
  return 0
}
