import { loadWith } from '../../app/settings/kept.ts'
import type { CommandInput } from '../command.ts'
import { live } from './life.ts'
import { untilSignal } from './process.ts'

/** The bridge, until a signal ends it. */
export async function run({ flags, env, signals, terminal, clock, devicePort }: CommandInput): Promise<number> {
  await live({
    clock,
    terminal,
    devicePort,
    ended: untilSignal(signals),
    load: (kept) => loadWith(clock, { flags, env }, kept),
  })
  return 0
}
