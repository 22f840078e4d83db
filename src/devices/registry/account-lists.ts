import type { Clock } from '../../core/clock.ts'
import { inSlices } from '../../core/slices.ts'
import type { StoredDevice } from '../ports.ts'
import type { KnownDevice } from '../thermostat-options.ts'
import { newcomer } from './saving.ts'

/** A device as an account lists it. */
export interface Listed {
  readonly serial: string
  /** null when the account has none. */
  readonly name: string | null
  /** Of its firmware. */
  readonly version?: string | null
}

export interface AccountListsOptions {
  readonly clock: Clock
  readonly known: ReadonlyMap<string, KnownDevice>
  readonly add: (device: StoredDevice) => void
}

/** Takes in what accounts list, a long list piece by piece. */
export class AccountLists {
  readonly #options: AccountListsOptions
  /** The list of each account that is taken in, or was last. */
  readonly #newest = new Map<string, readonly Listed[]>()

  constructor(options: AccountListsOptions) {
    this.#options = options
  }

  /**
   * The account lists these devices now; those it listed before and no longer does lose it as a source. Ends early when the
   * account lists anew meanwhile.
   */
  async take(account: string, devices: readonly Listed[]): Promise<void> {
    const { clock, known, add } = this.#options
    const source = `account:${account}`
    this.#newest.set(account, devices)
    const isNewest = () => this.#newest.get(account) === devices
    await inSlices(clock, during(devices, isNewest), ({ serial, name, version }) => {
      const thermostat = known.get(serial)
      const told = { ...(name ? { name } : {}), ...(version ? { firmware: version } : {}) }
      if (!thermostat) add({ ...newcomer(serial, source), ...told })
      else thermostat.identify({ sources: withSource(thermostat.identity, source), ...told })
    })
    const listed = new Set(devices.map(({ serial }) => serial))
    await inSlices(clock, during(known.values(), isNewest), (thermostat) => {
      const { sources } = thermostat.identity
      if (!listed.has(thermostat.serial) && sources.includes(source)) {
        thermostat.identify({ sources: sources.filter((other) => other !== source) })
      }
    })
  }

  /** Takes in no more of any list. */
  stop(): void {
    this.#newest.clear()
  }
}

/** How a device became known, with one more way. */
export const withSource = ({ sources }: Pick<StoredDevice, 'sources'>, source: string): readonly string[] =>
  sources.includes(source) ? sources : [...sources, source]

function* during<Item>(items: Iterable<Item>, goesOn: () => boolean): Generator<Item> {
  for (const item of items) {
    if (!goesOn()) return
    yield item
  }
}
