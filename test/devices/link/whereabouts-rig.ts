/** Where a device is, with the whole LAN around it given by a list of who answers. */
import type { DeviceAddress } from '../../../src/devices/link/link.ts'
import type { Silence } from '../../../src/devices/link/silence.ts'
import { Whereabouts } from '../../../src/devices/link/whereabouts.ts'
import { FakeClock } from '../../support/fake-clock.ts'

export const at = (last: number): DeviceAddress => ({ host: `192.168.1.${last}`, port: 80 })

export interface WhereaboutsRig {
  readonly clock: FakeClock
  readonly where: Whereabouts
  /** Last bytes of the addresses where something answers as the device. */
  readonly answering: Set<number>
  /** The last bytes of whom it asked, in their order. */
  readonly asked: number[]
  readonly moves: number[]
  /** How often it told that something is not as it was. */
  readonly changes: () => number
  /** The ms that commands were told to wait. */
  readonly waits: number[]
  /** Lets time pass until the clearance is given, or not; resolves with the code of the error, `cleared` without one. */
  clear(): Promise<string>
}

const last = ({ host }: DeviceAddress): number => Number(host.split('.').at(-1))

/** @param before the bridge before this one in the same process, if there was one */
export function whereabouts(
  proven: number | null = null,
  before: { readonly clock: FakeClock; readonly silence: Silence } | null = null,
): WhereaboutsRig {
  const clock = before?.clock ?? new FakeClock()
  const waits: number[] = []
  const answering = new Set<number>()
  const asked: number[] = []
  const moves: number[] = []
  let changes = 0
  const where = new Whereabouts({
    serial: 'A',
    clock,
    silence: before?.silence,
    onWait: (ms) => waits.push(ms),
    proven: proven === null ? null : at(proven),
    ask: async (address) => {
      asked.push(last(address))
      return answering.has(last(address))
    },
    onMove: (address) => moves.push(last(address)),
    onChange: () => changes++,
  })
  const clear = async () => {
    let outcome: string | undefined
    where.clear(new AbortController().signal).then(
      () => {
        outcome = 'cleared'
      },
      (error: { readonly code: string }) => {
        outcome = error.code
      },
    )
    for (let waited = 0; outcome === undefined && waited <= 70; waited++) await clock.advance(1_000)
    return outcome ?? 'still waiting'
  }
  return { clock, where, answering, asked, moves, changes: () => changes, waits, clear }
}
