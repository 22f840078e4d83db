import type { Clock } from '../../core/clock.ts'
import { inSlices } from '../../core/slices.ts'
import type { StoredDevice } from '../ports.ts'
import type { KnownDevice } from '../thermostat-options.ts'
import { newcomer } from './saving.ts'

/** A device as an account lists it. */
export interface Listed {
  readonly serial: string
  /** The name in the account; null when it has none. */
  readonly name: string | null
  /** The firmware version. */
  readonly version?: string | null
}

export interface AccountListsOptions {
  readonly clock: Clock
  readonly known: ReadonlyMap<string, KnownDevice>
  readonly add: (device: StoredDevice) => void
}

/** Takes in the lists of accounts; a long list is taken in pieces. */
export class AccountLists {
  readonly #options: AccountListsOptions
  /** For each account, the list being taken in, or the last one taken in. */
  readonly #newest = new Map<string, readonly Listed[]>()

  constructor(options: AccountListsOptions) {
    this.#options = options
  }

  /**
   * The account lists these devices now. A device that it listed before and no longer does loses the account as a source. Ends
   * early when a newer list of the account arrives.
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

  /** Stops taking in lists. */
  stop(): void {
    this.#newest.clear()
  }
}

/** The sources of a device, with one more added. */
export const withSource = ({ sources }: Pick<StoredDevice, 'sources'>, source: string): readonly string[] =>
  sources.includes(source) ? sources : [...sources, source]

function* during<Item>(items: Iterable<Item>, goesOn: () => boolean): Generator<Item> {
  for (const item of items) {
    if (!goesOn()) return
    yield item
  }
}
