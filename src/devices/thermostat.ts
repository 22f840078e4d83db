/**
 * One thermostat. What the device says is taken in (`reading/`) and changes the facts. The facts give its state (`state/`) and
 * decide what a command becomes (`commands/`). Writes go over the link, and the device's answer is taken in again.
 */
import { requireAction, runAction } from './commands/actions.ts'
import { acceptLock } from './facts/lock.ts'
import { isCertain } from './facts/model.ts'
import { momentOf } from './facts/moment.ts'
import type { Identity } from './facts/profile.ts'
import { type Held, heldOf } from './house/held.ts'
import type { DeviceAddress, Said } from './link/link.ts'
import type { Whereabouts } from './link/whereabouts.ts'
import type { CommandResult, DeviceAction, DeviceView, Finding, ScheduleResult, ScheduleView } from './ports.ts'
import { FAILURES_TO_OFFLINE } from './reading/poller.ts'
import type { Published } from './reading/second-source.ts'
import { scheduleView } from './schedule/shows.ts'
import type { CommandOutcome } from './state/outcome.ts'
import { viewOf } from './state/view.ts'
import type { KnownDevice, ThermostatOptions } from './thermostat-options.ts'
import { assemble, type Parts } from './thermostat-parts.ts'

export class Thermostat implements KnownDevice {
  readonly serial: string
  readonly #options: ThermostatOptions
  readonly #parts: Parts

  constructor(identity: Identity, options: ThermostatOptions) {
    this.serial = identity.serial
    this.#options = options
    this.#parts = assemble(this, identity, options)
    this.#parts.boosts.resume(options.boost)
  }

  get identity(): Identity {
    return this.#parts.facts.profile.identity
  }

  get where(): Whereabouts {
    return this.#parts.where
  }

  get address(): DeviceAddress | null {
    return this.#parts.way.link?.address ?? null
  }

  get online(): boolean {
    return this.#parts.poller.online
  }

  get mayBeNameless(): boolean {
    const { facts } = this.#parts
    return !isCertain(facts) || facts.readings.rows.model.dialect === 'object'
  }

  view(): DeviceView {
    const { called, clock, keySource, room } = this.#options
    const { facts, poller, showing } = this.#parts
    const { address, serial } = this
    const given = { called, keySource: keySource(serial), room: room?.(serial) ?? null }
    return viewOf({ facts, poller, address, state: showing.state, ...given }, momentOf(clock))
  }

  identify(news: Parameters<KnownDevice['identify']>[0]): void {
    this.#parts.reader.identify(news)
  }

  told(outcome: CommandOutcome): void {
    this.#parts.showing.told(outcome)
  }

  /** Shows what is unusual about it; null while nobody watches it. */
  watched(findings: readonly Finding[] | null): void {
    this.#parts.showing.found(findings)
  }

  /** Sets the device's address, which its owner may have `named`, and begins polling it `delay` ms later. */
  locate(address: DeviceAddress, delay = 0, named = false): void {
    const { owner, poller, way, where } = this.#parts
    where.place(address, named)
    way.goTo(address, owner)
    poller.start(delay)
    this.#options.onIdentity(this)
  }

  /**
   * The device answers at an address.
   * @param said its answer, if it was asked who it is, so that it need not be asked again
   */
  found(address: DeviceAddress, hw: string | null, said: Said | undefined): void {
    const { reader, way, where } = this.#parts
    if (hw && this.address?.host === address.host) this.identify({ hw })
    where.claimed(address, hw)
    const link = way.linkTo(address)
    if (said && link) reader.takeSaid(said, link)
  }

  /** A beacon was heard: polls at once a device that is offline, or that publishes but does not answer. */
  heard(): void {
    const { poller, way } = this.#parts
    const away = poller.online ? poller.failures >= FAILURES_TO_OFFLINE : poller.failures > 0
    if (way.link && away) void poller.now()
  }

  /** Takes in what the device publishes. @throws BridgeError `DEVICE_BAD_REPLY` when a device of another kind published it */
  published(message: Published): void {
    const { owner, poller, readSchedules, second, showing, way, witness } = this.#parts
    way.heard(owner)
    const more = second.take(message)
    poller.heard()
    if (more) poller.soon()
    // A device with an address is polled, and its schedules are read after each poll.
    if (!way.link) readSchedules()
    showing.published()
    witness.look()
  }

  readonly schedule = (): ScheduleView => scheduleView(this.#parts.facts, momentOf(this.#options.clock))

  async refresh(): Promise<void> {
    await this.#parts.fresh.read()
    await this.#parts.schedules.readAll()
  }

  /** What people have set, as far as a mode of the house changes it; null while the device has not told it. */
  held(): Held | null {
    return heldOf(this.#parts.facts, this.#options.clock.now())
  }

  /** Reads telemetry and parameters now. @throws BridgeError why the device could not be read */
  reread(): Promise<void> {
    return this.#parts.fresh.read()
  }

  set(command: unknown): Promise<CommandResult> {
    return this.#parts.commands.set(command)
  }

  async setSchedule(command: unknown, dryRun = false): Promise<ScheduleResult> {
    const { commands, facts, fresh, schedules, second, showing } = this.#parts
    if (facts.readings.types.size === 0) await fresh.read()
    const result = await schedules.write(command, dryRun)
    if (!dryRun) {
      second.settle()
      void commands.follow()
      showing.changed()
    }
    return { ...result, schedule: this.schedule() }
  }

  async action(action: DeviceAction): Promise<void> {
    const { facts, fresh, poller, reader, schedules, second, showing, way, witness } = this.#parts
    requireAction(action, facts.readings.rows.model)
    // These actions change only the bridge's own data and need no device.
    if (action === 'reset_energy' || action === 'accept_lock') {
      if (action === 'accept_lock') acceptLock(facts)
      else await facts.energy?.reset()
      return showing.show()
    }
    witness.begin()
    if (action === 'reset_schedule') schedules.ours()
    try {
      const parameters = await runAction(action, way.any, {
        times: () => facts.clock.times(this.#options.clock.now()),
        read: () => fresh.tryToReadClock(),
      })
      second.settle()
      if (parameters) reader.takeParameters(parameters)
    } finally {
      witness.doubt()
    }
    reader.expire()
    if (action !== 'restart') await poller.now()
    if (action === 'reset_schedule') await schedules.readAll()
  }

  async stop(): Promise<void> {
    const { boosts, poller, way, where } = this.#parts
    where.stop()
    poller.stop()
    boosts.stop()
    await way.stop()
  }
}
