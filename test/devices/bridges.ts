/** Bridges one after another on the same devices, which outlive them, on a clock that is told to pass. */
import type { BridgeEvent, StoredDevice } from '../../src/devices/ports.ts'
import type { RegistryOptions } from '../../src/devices/registry/options.ts'
import { Registry } from '../../src/devices/registry/registry.ts'
import type { Teardown } from '../support/simulator.ts'
import type { BriskClock } from './inside-link.ts'
import { silent } from './support.ts'

interface BridgesOptions extends Pick<RegistryOptions, 'boosts' | 'connect' | 'house'> {
  readonly clock: BriskClock
  readonly stored: readonly StoredDevice[]
}

export function bridgesOn(t: Teardown, { clock, stored, ...options }: BridgesOptions) {
  const saved = new Map(stored.map((device) => [device.serial, device]))
  const events: BridgeEvent[] = []
  let running: Registry | undefined

  /** Starts a bridge that knows what the one before it stored. */
  const start = async () => {
    running = new Registry({
      ...options,
      clock,
      random: () => 0.5,
      logger: silent,
      memory: {
        load: () => [...saved.values()],
        save: (...devices) => {
          for (const device of devices) saved.set(device.serial, device)
        },
        forget: () => {},
      },
      keys: { get: () => undefined, refresh: async () => false },
      configured: [],
      pollInterval: 15_000,
      onLocated: () => {},
    })
    running.events.on('event', (event) => events.push(event))
    running.start()
    await clock.advance(1000)
  }
  const stop = async () => running?.stop()
  t.teardown(stop)
  const registry = () => {
    if (!running) throw new Error('no bridge runs')
    return running
  }
  /** What a promise comes to while the time passes that it needs. */
  const passing = async <Result>(promise: Promise<Result>): Promise<Result> => {
    promise.catch(() => {})
    await clock.advance(1000)
    return promise
  }
  return { start, stop, registry, passing, events }
}
