import { asBridgeError } from '../../core/errors.ts'
import type { Connect, ConnectUnlocated, DeviceAddress, DeviceLink, LinkOwner } from './link.ts'
import { unlocated } from './nowhere.ts'

export interface WayOptions {
  readonly serial: string
  readonly connect: Connect
  /** Left out, nothing can be sent to a device whose address is not known. */
  readonly connectUnlocated?: ConnectUnlocated | undefined
  /** Asks whether the device answers at an address under its serial. Left out, it answers only at its present address. */
  readonly ask?: ((serial: string, address: DeviceAddress) => Promise<boolean>) | undefined
  /** Whether another device is known to be at the address now. This tells apart devices that do not say who they are. */
  readonly isOthers?: ((address: DeviceAddress) => boolean) | undefined
}

/** The way to one device: over the LAN if its address is known, else over what it publishes by. */
export class Way {
  readonly #options: WayOptions
  #link: DeviceLink | undefined
  /** The way to a device that publishes while its address is not known. */
  #unlocated: DeviceLink | undefined

  constructor(options: WayOptions) {
    this.#options = options
  }

  /** The link over the LAN. */
  get link(): DeviceLink | undefined {
    return this.#link
  }

  /** Whichever link there is. */
  get known(): DeviceLink | undefined {
    return this.#link ?? this.#unlocated
  }

  /** @throws BridgeError `DEVICE_UNREACHABLE` when there is no link */
  get any(): DeviceLink {
    if (this.known) return this.known
    throw unlocated()
  }

  /** The LAN link, if it goes to this address. */
  linkTo({ host, port }: DeviceAddress): DeviceLink | undefined {
    const link = this.#link
    return link?.address.host === host && link.address.port === port ? link : undefined
  }

  /** Seconds by which the device's clock is ahead of the host's in UTC; null while the device has not told it. */
  get clockOffset(): number | null {
    return this.known?.clockOffset ?? null
  }

  goTo(address: DeviceAddress, owner: LinkOwner): void {
    if (this.#link) this.#link.setAddress(address)
    else this.#link = this.#options.connect(address, owner)
    this.#unlocated = undefined
  }

  /** The device has published something. */
  heard(owner: LinkOwner): void {
    if (!this.#link) this.#unlocated ??= this.#options.connectUnlocated?.(owner)
  }

  /**
   * Whether the device answers at an address under its serial. At its present address its link asks, which sends one request
   * at a time. Never rejects.
   */
  async answersAt(address: DeviceAddress): Promise<boolean> {
    if (this.#options.isOthers?.(address)) return false
    const link = this.linkTo(address)
    if (!link) return (await this.#options.ask?.(this.#options.serial, address)) ?? false
    try {
      await link.readTelemetry()
      return true
    } catch (error) {
      // Too busy, or hung with its web server still running: the device is there all the same.
      return ['DEVICE_BUSY', 'DEVICE_WEDGED'].includes(asBridgeError(error).code)
    }
  }

  async stop(): Promise<void> {
    await this.known?.stop()
  }
}
