import { loadSettings } from '../../config/index.ts'
import { VIRTUAL_HOUSE } from '../../core/network/addresses.ts'
import { VirtualHouse } from '../../simulator/index.ts'
import type { CommandInput } from '../command.ts'
import { countOption, UsageError } from '../command.ts'
import { stopWithin, untilSignal } from '../running/process.ts'

/** The only setting that affects the house. */
const BEACON_PORT = 'discovery.port'

/** Runs only the simulated house, described as JSON on standard output, until a signal ends it. */
export async function simulate({ options, flags, env, signals, terminal, clock }: CommandInput): Promise<number> {
  const other = Object.keys(flags).find((name) => name !== BEACON_PORT)
  if (other !== undefined)
    throw new UsageError(`--${other} is not for simulate; --${BEACON_PORT}=… is its only setting.`)
  const { T2M_DISCOVERY_PORT } = env
  // A configuration file is for a bridge, not for the house.
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
    if (house.units.some(({ host }) => !host.startsWith(VIRTUAL_HOUSE.network))) {
      terminal.err(
        `Some devices could not have an address of their own with port ${VIRTUAL_HOUSE.port}, because another program uses it or this machine has no such addresses. A bridge does not find these by itself: name them in its settings (devices).`,
      )
    }
    terminal.err(
      'The house is running. A bridge that runs on this machine finds its devices by their broadcasts. Its keys and passwords are made up, and everything listens on loopback. Ctrl+C stops it.',
    )
    await ended
  } finally {
    await stopWithin(clock, () => house.stop())
  }
  return 0
}

/** By default a house has one relay of each model; with a number of thermostats it has only those. */
export function relaysOf(options: CommandInput['options']): number {
  return options.thermostats === undefined ? 2 : 0
}

/** Reads nothing, as if there were no file. */
function noFile(path: string): never {
  throw Object.assign(new Error(`${path} is not read`), { code: 'ENOENT' })
}
