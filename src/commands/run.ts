import { loadWith } from '../app/kept-settings.ts'
import type { CommandInput } from './index.ts'
import { live } from './life.ts'
import { untilSignal } from './process.ts'

/** The bridge, until a signal ends it or a request restarts it. */
export async function run({ flags, env, signals, terminal, clock, devicePort }: CommandInput): Promise<number> {
  let restart = () => {}
  const restarted = new Promise<string>((resolve) => {
    restart = () => resolve('a request to restart')
  })
  await live({
    clock,
    terminal,
    devicePort,
    ended: Promise.race([untilSignal(signals), restarted]),
    load: (kept) => loadWith(clock, { flags, env }, kept),
    restart,
  })
  return 0
}
