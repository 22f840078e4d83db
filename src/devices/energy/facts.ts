/** What the load of one device uses, as far as it is known. */
import type { Readings } from '../facts/readings.ts'
import type { Usage } from './meter.ts'

/** The energy side of one device. */
export interface DeviceEnergy {
  /** W of its load by the user's own figure; undefined without one, when what the device says is taken. */
  readonly ownFigure: number | undefined
  /** What is on disk; null when nothing was ever counted. */
  readonly committed: Usage | null
  /** A telemetry has just been read into `readings`. @param deviceTime the device's clock in seconds, where it tells it */
  take(readings: Readings, deviceTime: number | undefined): void
  /** Starts again at nothing; resolves when that is on the disk. @throws BridgeError `INTERNAL` when it cannot be stored */
  reset(): Promise<void>
}

/** W of the load while it is on: the user's own figure, else what is set in the device, where 0 is nothing set. */
export function figureOf(readings: Readings, own: number | undefined): number | undefined {
  const rated = readings.number('rated_power')
  return own ?? (rated === 0 ? undefined : rated)
}
