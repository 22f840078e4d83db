/** What the devices of the house amount to now, kept up to date device by device. */
import type { DeviceView } from '../ports.ts'
import type { HouseEntry } from './entry.ts'
import { naturally } from './naturally.ts'
import { problemOf } from './problems.ts'
import type { HouseNow, HouseProblem } from './types.ts'

/** What one device adds. */
export interface Share {
  /** W; null if it is not known; undefined if the device has none. */
  readonly power: number | null | undefined
  readonly problem: HouseProblem | null
}

/** @param entry what came of the mode of the house */
export function shareOf(view: DeviceView, entry: HouseEntry | undefined): Share {
  const { power: watts } = view.state
  const power = watts === undefined ? undefined : view.online && typeof watts === 'number' ? watts : null
  return { power, problem: problemOf(view, entry) }
}

/** What a change of a share makes different. */
export type Difference = 'nothing' | 'power' | 'problems'

/** The work of a change does not grow with the number of devices. */
export class Present {
  readonly #shares = new Map<string, Share>()
  readonly #problems = new Map<string, HouseProblem>()
  /** In mW, for sums of fractions drift. */
  #power = 0
  #known = 0
  #unknown = 0

  /** @param share undefined once the device is gone */
  put(serial: string, share: Share | undefined): Difference {
    const before = this.#shares.get(serial)
    this.#count(before, -1)
    this.#count(share, 1)
    if (share) this.#shares.set(serial, share)
    else this.#shares.delete(serial)
    if (share?.problem) this.#problems.set(serial, share.problem)
    else this.#problems.delete(serial)
    if (!isSame(before?.problem ?? null, share?.problem ?? null)) return 'problems'
    return before?.power === share?.power ? 'nothing' : 'power'
  }

  view(): HouseNow {
    return {
      power: this.#known > 0 ? this.#power / 1000 : null,
      power_unknown: this.#unknown,
      problems: [...this.#problems.values()].sort((a, b) => naturally(a.name, b.name)),
    }
  }

  #count(share: Share | undefined, by: 1 | -1): void {
    if (share?.power === undefined) return
    if (share.power === null) this.#unknown += by
    else {
      this.#known += by
      this.#power += by * Math.round(share.power * 1000)
    }
  }
}

const isSame = (a: HouseProblem | null, b: HouseProblem | null): boolean =>
  a?.kind === b?.kind && a?.code === b?.code && a?.name === b?.name && a?.message === b?.message
