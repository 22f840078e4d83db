import { asBridgeError } from '../../core/errors.ts'
import type { Connect, ConnectUnlocated, DeviceAddress, DeviceLink, LinkOwner } from './link.ts'
import { unlocated } from './nowhere.ts'

export interface WayOptions {
  readonly serial: string
  readonly connect: Connect
  /** Without it nothing can be said to a device of which no address is known. */
  readonly connectUnlocated?: ConnectUnlocated | undefined
  /** Asks whether it answers somewhere under its serial; without it, it answers nowhere but where it is. */
  readonly ask?: ((serial: string, address: DeviceAddress) => Promise<boolean>) | undefined
  /** Whether another device is known to be there now, which tells apart those that do not say who they are. */
  readonly isOthers?: ((address: DeviceAddress) => boolean) | undefined
}

/** The way to one device: over the LAN where its address is known, else by whatever it is heard. */
export class Way {
  readonly #options: WayOptions
  #link: DeviceLink | undefined
  /** The way to it while its address is not known but it is heard. */
  #unlocated: DeviceLink | undefined

  constructor(options: WayOptions) {
    this.#options = options
  }

  /** Over the LAN. */
  get link(): DeviceLink | undefined {
    return this.#link
  }

  /** The one that there is. */
  get known(): DeviceLink | undefined {
    return this.#link ?? this.#unlocated
  }

  /** @throws BridgeError `DEVICE_UNREACHABLE` when there is none */
  get any(): DeviceLink {
    if (this.known) return this.known
    throw unlocated()
  }

  /** The same, where it goes to this address. */
  linkTo({ host, port }: DeviceAddress): DeviceLink | undefined {
    const link = this.#link
    return link?.address.host === host && link.address.port === port ? link : undefined
  }

  /** Seconds by which the device's clock is ahead of the host's in UTC; null while it has not told it. */
  get clockOffset(): number | null {
    return this.known?.clockOffset ?? null
  }

  goTo(address: DeviceAddress, owner: LinkOwner): void {
    if (this.#link) this.#link.setAddress(address)
    else this.#link = this.#options.connect(address, owner)
    this.#unlocated = undefined
  }

  /** The device is heard. */
  heard(owner: LinkOwner): void {
    if (!this.#link) this.#unlocated ??= this.#options.connectUnlocated?.(owner)
  }

  /**
   * Whether the device answers at an address under its serial. Where it is it is asked by its link, which asks one thing at a
   * time. Never rejects.
   */
  async answersAt(address: DeviceAddress): Promise<boolean> {
    if (this.#options.isOthers?.(address)) return false
    const link = this.linkTo(address)
    if (!link) return (await this.#options.ask?.(this.#options.serial, address)) ?? false
    try {
      await link.readTelemetry()
      return true
    } catch (error) {
      // Too busy, or hung with its web server still there: at home all the same.
      return ['DEVICE_BUSY', 'DEVICE_WEDGED'].includes(asBridgeError(error).code)
    }
  }

  async stop(): Promise<void> {
    await this.known?.stop()
  }
}
