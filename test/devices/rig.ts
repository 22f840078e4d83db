/** The registry over real sockets: `devices` and `lan` as they work together, with a virtual device at the other end. */
import type { BridgeError } from '../../src/core/errors.ts'
import { BridgeError as Failure } from '../../src/core/errors.ts'
import type { Logger } from '../../src/core/logging/logger.ts'
import type { Decided } from '../../src/devices/facts/disputes.ts'
import type { DeviceLink, LinkOwner } from '../../src/devices/link/link.ts'
import { Nowhere } from '../../src/devices/link/nowhere.ts'
import type { CommandResult, DeviceView, StoredDevice } from '../../src/devices/ports.ts'
import { Registry } from '../../src/devices/registry/registry.ts'
import { LanDevice } from '../../src/lan/lan-device.ts'
import type { FakeClock } from '../support/fake-clock.ts'
import { KEY, SERIAL, type Teardown } from '../support/simulator.ts'
import { silent } from './support.ts'

export interface Rig {
  readonly clock: FakeClock
  readonly registry: Registry
  readonly saved: StoredDevice[]
  /** Lets time pass until the promise has settled; real sockets go on meanwhile. */
  passing<T>(promise: Promise<T>): Promise<T>
  /** What a command did, with the state as it is once the telemetry has followed. */
  set(command: object): Promise<CommandResult>
  /** Reads everything now. */
  refresh(): Promise<DeviceView>
  view(): DeviceView
  /** The error with which it rejects; undefined when it does not. */
  errorOf(promise: Promise<unknown>): Promise<BridgeError | undefined>
}

/** Ms. Devices tell whole seconds: where one begins, less than a ms decides which is told. */
export const WITHIN_A_SECOND = 20

/** @param hw what its beacons say; null: found by its address alone */
export function startRegistry(
  t: Teardown,
  unit: { readonly host: string; readonly port: number },
  options: {
    readonly clock: FakeClock
    readonly hw: string | null
    readonly stored?: readonly StoredDevice[]
    /** As the settings name it. */
    readonly timezone?: string
    readonly logger?: Logger
    readonly decided?: Decided
    /** Puts another way before that over the LAN. */
    readonly wrap?: (lan: DeviceLink, owner: LinkOwner) => DeviceLink
    /** Whether its address is known; default true. */
    readonly located?: boolean
  },
): Rig {
  const { clock, logger = silent, timezone, wrap = (lan) => lan, located = true } = options
  const saved: StoredDevice[] = []
  const held = { key: KEY, source: 'home', since: 0 }
  const keys = { get: () => held, refresh: async () => false }
  let lan: LanDevice | undefined
  const registry = new Registry({
    clock,
    random: () => 0.5,
    logger,
    decided: () => options.decided,
    memory: { load: () => [...(options.stored ?? [])], save: (...devices) => saved.push(...devices), forget: () => {} },
    keys,
    configured:
      timezone === undefined && located
        ? []
        : [{ serial: SERIAL, host: null, port: 80, name: null, timezone: timezone ?? null }],
    quiet: 0,
    // The test says when.
    pollInterval: 86_400_000,
    onLocated: () => {},
    connect: (address, owner) => {
      lan = new LanDevice({
        serial: owner.serial,
        address,
        clock,
        random: () => 0.5,
        logger: silent,
        keys,
        timeout: 5000,
        minSpacing: 0,
        keepAlive: false,
        counterBase: owner.counterBase,
        clearance: owner.clearance,
        dialect: () => owner.dialect,
        onCounterBase: (base) => owner.onCounterBase(base),
      })
      return wrap(lan, owner)
    },
    connectUnlocated: (owner) => wrap(new Nowhere(), owner),
  })
  registry.start()
  if (located) registry.found(SERIAL, { host: unit.host, port: unit.port }, options.hw)
  t.teardown(() => registry.stop())
  const passing = <T>(promise: Promise<T>): Promise<T> => clock.until(promise, 5)
  const view = () => {
    const found = registry.get(SERIAL)
    if (!found) throw new Error('the registry has lost it')
    return found
  }
  const set = async (command: object) => {
    const result = await passing(registry.set(SERIAL, command))
    while (lan?.busy) await clock.advance(5)
    await clock.advance(0)
    return { ...result, state: view().state }
  }
  const errorOf = async (promise: Promise<unknown>) => {
    try {
      await passing(promise)
      return undefined
    } catch (error) {
      if (error instanceof Failure) return error
      throw error
    }
  }
  return { clock, registry, saved, passing, set, refresh: () => passing(registry.refresh(SERIAL)), view, errorOf }
}
