import type { Clock } from '../../src/core/clock.ts'
import { BridgeError, type ErrorCode } from '../../src/core/errors.ts'
import type { Logger } from '../../src/core/logging/logger.ts'
import { settled } from '../../src/lan/clearance.ts'
import { LanDevice } from '../../src/lan/lan-device.ts'
import type { LanDeviceOptions } from '../../src/lan/options.ts'
import type { Change, CounterBase, Keys, Lock } from '../../src/lan/types.ts'
import type { ThermostatOptions, VirtualThermostat } from '../../src/simulator/index.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { KEY, SERIAL, startThermostat, type Teardown } from '../support/simulator.ts'

/** One line of a log. */
export interface Line {
  readonly level: string
  readonly message: string
}

/** A logger that remembers. */
export function testLogger(lines: Line[] = []): Logger {
  const at = (level: string) => (first: object | string, message?: string) => {
    lines.push({ level, message: typeof first === 'string' ? first : (message ?? '') })
  }
  const logger: Logger = {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
    isLevelEnabled: () => true,
  }
  return logger
}

/** Keys that are held, and what the cloud would give when asked. */
export class FakeKeys implements Keys {
  held: string | undefined
  /** What the next refresh finds. */
  cloud: string | undefined
  refreshes = 0

  constructor(held: string | undefined, cloud: string | undefined = held) {
    this.held = held
    this.cloud = cloud
  }

  get(): { key: string } | undefined {
    return this.held === undefined ? undefined : { key: this.held }
  }

  async refresh(_serial: string, rejected: string | undefined): Promise<boolean> {
    this.refreshes++
    this.held = this.cloud ?? this.held
    return this.held !== rejected
  }
}

/** Lets time pass until the promise has settled; real sockets go on meanwhile. */
export const passing = <T>(clock: FakeClock, promise: Promise<T>, step = 25): Promise<T> => clock.until(promise, step)

/** The error code with which it rejects; undefined when it does not. */
export async function codeOf(clock: FakeClock, promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  return (await errorOf(clock, promise))?.code
}

export async function errorOf(clock: FakeClock, promise: Promise<unknown>): Promise<BridgeError | undefined> {
  try {
    await passing(clock, promise)
    return undefined
  } catch (error) {
    if (error instanceof BridgeError) return error
    throw error
  }
}

export interface Rig {
  readonly clock: FakeClock
  readonly unit: VirtualThermostat
  readonly device: LanDevice
  readonly keys: FakeKeys
  readonly learned: CounterBase[]
  readonly accepted: string[]
  readonly lines: Line[]
}

export interface RigOptions {
  readonly unit?: Partial<ThermostatOptions>
  readonly device?: Partial<LanDeviceOptions>
  readonly keys?: FakeKeys
  readonly lock?: Lock
}

/** A virtual thermostat and the bridge's end of it, on one clock. */
export async function startRig(t: Teardown, options: RigOptions = {}): Promise<Rig> {
  const clock = new FakeClock()
  const unit = await startThermostat(t, {
    clock,
    ...(options.lock ? { lock: options.lock } : {}),
    ...options.unit,
  })
  const keys = options.keys ?? new FakeKeys(KEY)
  const learned: CounterBase[] = []
  const accepted: string[] = []
  const lines: Line[] = []
  const device = new LanDevice({
    ...defaults(clock),
    address: { host: unit.host, port: unit.port },
    keys,
    logger: testLogger(lines),
    onCounterBase: (base) => learned.push(base),
    onKeyAccepted: (key) => accepted.push(key),
    ...options.device,
  })
  t.teardown(() => device.stop())
  return { clock, unit, device, keys, learned, accepted, lines }
}

export function defaults(clock: Clock): LanDeviceOptions {
  return {
    serial: SERIAL,
    address: { host: '127.0.0.1', port: 1 },
    clock,
    keys: new FakeKeys(KEY),
    timeout: 5000,
    minSpacing: 500,
    keepAlive: false,
    logger: testLogger(),
    random: () => 0.5,
    counterBase: null,
    clearance: settled(true),
    onCounterBase: () => {},
  }
}

/** Manual setpoint by air of an OZ, in tenths. */
export const setpoint = (tenths: number): Change[] => [{ id: 4, type: 3, raws: [String(tenths)] }]
