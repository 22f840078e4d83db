/** What the load of one device uses, as far as it is known. */
import type { Readings } from '../facts/readings.ts'
import type { Usage } from './meter.ts'

/** The energy side of one device. */
export interface DeviceEnergy {
  /** W of the load as the user gives it; undefined when the user gives none, then the device's own figure counts. */
  readonly ownFigure: number | undefined
  /** The count on disk; null when nothing was ever counted. */
  readonly committed: Usage | null
  /**
   * A telemetry has just been read into `readings`.
   * @param deviceTime the device's clock in seconds, if the device tells it
   */
  take(readings: Readings, deviceTime: number | undefined): void
  /** Starts again at zero; resolves when that is on disk. @throws BridgeError `INTERNAL` when it can't be stored */
  reset(): Promise<void>
}

/** W of the load while it is on: the user's figure, else the one set in the device, where 0 means that none is set. */
export function figureOf(readings: Readings, own: number | undefined): number | undefined {
  const rated = readings.number('rated_power')
  return own ?? (rated === 0 ? undefined : rated)
}
