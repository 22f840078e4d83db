/** Sets a wrong clock right when a person asks for it. */
import { BridgeError } from '../../core/errors.ts'
import type { DeviceLink } from '../link/link.ts'
import type { DeviceTimes } from './times.ts'

export interface DeviceClockAccess {
  /** The clock as read last; null while it is not known. */
  readonly times: () => DeviceTimes | null
  /** Reads the clock now. */
  readonly read: () => Promise<void>
}

/** Seconds by which a clock may be off right after it was set. */
const JUST_SET = 60

/**
 * Sets the clock right and reads it back: devices acknowledge writes that they ignore, and a device may go by another zone
 * than expected.
 * @throws BridgeError `DEVICE_UNREACHABLE` when the clock was never read; `NOT_APPLIED` when it is still wrong, with the
 *   remaining error in the details (`clock_offset`, in seconds); errors of the link
 */
export async function syncClock(link: DeviceLink, { times, read }: DeviceClockAccess): Promise<void> {
  const before = times()
  if (!before) {
    throw new BridgeError('DEVICE_UNREACHABLE', 'The clock of the device has not been read yet. Try again in a moment.')
  }
  const refusal = await link.setTime(before.right, before.heldZone).then(() => undefined, onlyNotApplied)
  await read()
  const error = times()?.error
  if (error === undefined && refusal) throw refusal
  if (error === undefined || Math.abs(error) <= JUST_SET) return
  throw new BridgeError(
    'NOT_APPLIED',
    `The clock of the device was set, but is still ${Math.abs(error)} s ${error < 0 ? 'behind' : 'ahead'}. Set it at the device or in the vendor’s app, or set its time zone (devices, timezone).`,
    { details: { clock_offset: error } },
  )
}

function onlyNotApplied(error: unknown): BridgeError {
  if (error instanceof BridgeError && error.code === 'NOT_APPLIED') return error
  throw error
}
