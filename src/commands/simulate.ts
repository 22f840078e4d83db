import { SystemClock } from '../core/clock.ts'
import { VirtualHouse } from '../simulator/index.ts'
import { countOption } from './arguments.ts'
import type { CommandInput } from './index.ts'
import { untilSignal } from './process.ts'

const BEACON_PORT = 23500

/** Only the simulated house, described as JSON on standard output, until a signal ends it. */
export async function simulate({ options, signals }: CommandInput): Promise<number> {
  const house = new VirtualHouse({
    clock: new SystemClock(),
    seed: countOption(options, 'seed', 1, 2 ** 31),
    thermostats: countOption(options, 'thermostats', 5, 2000),
    beaconPort: BEACON_PORT,
  })
  const ended = untilSignal(signals)
  const description = await house.start()
  process.stdout.write(`${JSON.stringify(description, null, 2)}\n`)
  process.stderr.write(
    'The house is open. Its keys and passwords are made up; everything listens on loopback. Ctrl+C closes it.\n',
  )
  await ended
  await house.stop()
  return 0
}
