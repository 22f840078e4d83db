import { loadSettings } from '../../config/index.ts'
import { VirtualHouse } from '../../simulator/index.ts'
import type { CommandInput } from '../command.ts'
import { countOption, UsageError } from '../command.ts'
import { stopWithin, untilSignal } from '../running/process.ts'

/** The only setting that says something about the house. */
const BEACON_PORT = 'discovery.port'

/** Only the simulated house, described as JSON on standard output, until a signal ends it. */
export async function simulate({ options, flags, env, signals, terminal, clock }: CommandInput): Promise<number> {
  const other = Object.keys(flags).find((name) => name !== BEACON_PORT)
  if (other !== undefined)
    throw new UsageError(`--${other} is not for simulate; --${BEACON_PORT}=… is its only setting.`)
  const { T2M_DISCOVERY_PORT } = env
  // A configuration file is for a bridge; the house has nothing to do with it.
  const { settings } = await loadSettings({ flags, env: { T2M_DISCOVERY_PORT }, readFile: noFile })
  const house = new VirtualHouse({
    clock,
    seed: countOption(options, 'seed', 1, 2 ** 31),
    thermostats: countOption(options, 'thermostats', 7, 2000),
    relays: relaysOf(options),
    ...(settings.discovery.port === 0 ? {} : { beaconPort: settings.discovery.port }),
  })
  const ended = untilSignal(signals)
  try {
    terminal.out(JSON.stringify(await house.start(), null, 2))
    terminal.err(
      'The house is open. Its keys and passwords are made up; everything listens on loopback. Ctrl+C closes it.',
    )
    await ended
  } finally {
    await stopWithin(clock, () => house.stop())
  }
  return 0
}

/** A house of which nothing is said has one relay of each model; one with a number of thermostats has just those. */
export function relaysOf(options: CommandInput['options']): number {
  return options.thermostats === undefined ? 2 : 0
}

/** Reads nothing: as if no file were there. */
export function noFile(path: string): never {
  throw Object.assign(new Error(`${path} is not read`), { code: 'ENOENT' })
}
